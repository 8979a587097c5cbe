import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLmdbStore } from './open-lmdb-store'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'navarch-store-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const writer = [process.execPath, '--import', 'tsx', '-C', 'source', fileURLToPath(new URL('writer.ts', import.meta.url))]
const writers = 8

test('a process killed under load twenty times has lost no acknowledged write and torn none', { timeout: 60_000 }, async () => {
  const acknowledged = Array.from({ length: writers }, () => 0)
  for (let round = 0; round < 20; round++) {
    const target = 20 + ((round * 53) % 200)
    await writeUntilKilled(target, acknowledged)

    await using store = await openLmdbStore({ dir })
    const { entries } = await store.list('/writers/', { limit: Infinity, maxBytes: Infinity })
    expect(entries.length % 2).toBe(0)
    for (let i = 0; i < entries.length; i += 2) {
      const [a, b] = [entries[i]!, entries[i + 1]!]
      const id = Number(a.key.split('/')[2])
      const [count, filling] = Buffer.from(a.value).toString().split(' ')
      expect(Number(count)).toBeGreaterThanOrEqual(acknowledged[id]!)
      expect(filling).toHaveLength((Number(count) * 37) % 9000)
      expect([b.revision, b.version, Buffer.compare(a.value, b.value)]).toEqual([a.revision, a.version, 0])
    }
    expect(entries.length).toBe(2 * acknowledged.filter((count) => count > 0).length)
  }
})

const strace = spawnSync('strace', ['-V']).error ? 'strace is not installed' : undefined

test.skipIf(strace)('no acknowledgement leaves before its write has been flushed', { timeout: 60_000 }, () => {
  const trace = join(dir, 'trace')
  const calls = 'trace=openat,write,writev,pwrite64,pwritev,fdatasync,fsync'
  // Slow flushes: an acknowledgement that does not wait for them overtakes them.
  const slow = 'inject=fdatasync,pwrite64:delay_enter=5000'
  const run = spawnSync('strace', ['-f', '-s', '64', '-e', calls, '-e', slow, '-o', trace, ...writer, join(dir, 'data'), '1', '20'], {
    encoding: 'utf8',
  })
  expect(run.stderr).toBe('')
  const steps = stepsOf(readFileSync(trace, 'utf8'))
  const acknowledgements = steps.filter((step) => step === 'ack').length
  expect(acknowledgements).toBe(20)
  // Pages, their flush, the page that names them (through a descriptor that flushes by itself), and only then the answer.
  const written = steps.slice(0, steps.lastIndexOf('ack') + 1).join(' ')
  expect(written.match(/(pages )+flush commit ack/g)).toHaveLength(20)
})

async function writeUntilKilled(target: number, acknowledged: number[]): Promise<void> {
  const child = spawn(writer[0]!, [...writer.slice(1), dir, String(writers)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let count = 0
  let rest = ''
  for await (const chunk of child.stdout) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      const [, id, written] = line.split(' ').map(Number)
      acknowledged[id!] = written!
    }
    count += lines.length
    if (count >= target) child.kill('SIGKILL')
  }
  const [, signal] = (await exited) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
}

/** What strace saw, as words: writes of pages, their flush, the write that commits them, acknowledgements. */
function stepsOf(trace: string): string[] {
  const data = new Set<string>()
  const synchronous = new Set<string>()
  const unfinished = new Map<string, string>()
  const steps: string[] = []
  for (const line of trace.split('\n')) {
    const pid = line.split(' ')[0]!
    let call = line.slice(line.indexOf(' ')).trim()
    if (call.endsWith('<unfinished ...>')) {
      unfinished.set(pid, call.slice(0, call.indexOf('<unfinished')))
      // An acknowledgement counts from when it begins, everything else from when it has ended.
      if (!call.startsWith('write(1, "ack')) continue
    }
    if (call.startsWith('<...')) {
      if (unfinished.get(pid)?.startsWith('write(1, "ack')) continue
      call = `${unfinished.get(pid) ?? ''}${call.slice(call.indexOf('resumed>') + 8)}`
    }
    const file = /^\w+\((\d+)/.exec(call)?.[1] ?? ''
    if (call.includes('/data.mdb"')) (call.includes('O_DSYNC') ? synchronous : data).add(/= (\d+)/.exec(call)?.[1] ?? '')
    else if (call.startsWith('write(1, "ack')) steps.push('ack')
    else if (/^p?writev?(64)?\(/.test(call) && synchronous.has(file)) steps.push('commit')
    else if (/^p?writev?(64)?\(/.test(call) && data.has(file)) steps.push('pages')
    else if (/^f(data)?sync\(/.test(call) && data.has(file)) steps.push('flush')
  }
  return steps
}
