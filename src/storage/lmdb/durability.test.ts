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

test.skipIf(strace)('after a flush that failed nothing is written until the store is opened again, and nothing acknowledged is lost', { timeout: 60_000 }, async () => {
  const program = `
    import { openLmdbStore } from ${JSON.stringify(new URL('open-lmdb-store.ts', import.meta.url).href)}
    const store = await openLmdbStore({ dir: ${JSON.stringify(join(dir, 'data'))} })
    for (let i = 0; i < 40; i++) {
      await store.write([{ key: '/' + i, value: Buffer.from('value'), expect: 'absent' }]).then(() => console.log('ack ' + i), (error) => console.log(error.name + ' ' + error.message))
    }
    console.log('read ' + Buffer.from((await store.get('/0')).value))
  `
  // The tenth flush of each thread fails, once.
  const run = spawnSync('strace', ['-f', '-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=10', '-o', '/dev/null', process.execPath, '--import', 'tsx', '-C', 'source', '--input-type=module', '-e', program], {
    encoding: 'utf8', cwd: fileURLToPath(new URL('../../..', import.meta.url)),
  })
  const lines = run.stdout.trim().split('\n')
  const acknowledged = lines.filter((line) => line.startsWith('ack '))
  const refused = lines.filter((line) => line.startsWith('StoreUnavailable '))
  expect(acknowledged.length).toBeGreaterThan(0)
  expect(refused.length).toBe(40 - acknowledged.length)
  expect(new Set(refused).size).toBe(1)
  expect(refused[0]).toContain('Input/output error: the disk does not keep what it is given; nothing more is written: restart when it is mended')
  expect(lines.indexOf(refused[0]!)).toBe(acknowledged.length)
  expect(lines.at(-1)).toBe('read value')
  await using store = await openLmdbStore({ dir: join(dir, 'data') })
  for (const line of acknowledged) expect(await store.get(`/${line.slice(4)}`)).toBeDefined()
  await store.write([{ key: '/again', value: new Uint8Array(1), expect: 'absent' }])
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
