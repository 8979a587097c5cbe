import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '#base/clock'
import { systemClock } from '#base/clock'
import { parseLogLine } from './log-line'
import type { LogOptions } from './read-logs'
import { readLogs } from './read-logs'
import { removeLog, rotateLog } from './rotate'
import { tailOfLog } from './tail'

/** Quiet moments are short here. */
const quick: Clock = { ...systemClock, after: (_, callback) => systemClock.after(5, callback) }

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'logs-'))
  path = join(directory, '0.log')
})
afterEach(() => rmSync(directory, { recursive: true }))

const line = (second: number, text: string, stream = 'stdout', tag = 'F'): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000001Z ${stream} ${tag} ${text}\n`
const read = async (options: Partial<LogOptions>, running = async () => false): Promise<string> => {
  let text = ''
  for await (const piece of readLogs(path, { follow: false, timestamps: false, stream: 'All', ...options }, { clock: quick, running }, new AbortController().signal)) text += piece.toString()
  return text
}

test('lines are read as the runtime wrote them', () => {
  expect(parseLogLine('2026-01-01T00:00:00Z stderr P half a')).toEqual({ time: '2026-01-01T00:00:00Z', stream: 'stderr', partial: true, text: 'half a' })
  expect(parseLogLine('torn')).toBeUndefined()
})

test('tail, since, limits, streams and times', async () => {
  writeFileSync(path, line(1, 'one') + line(2, 'two', 'stderr') + line(3, 'half ', 'stdout', 'P') + line(3, 'whole'))
  expect(await read({})).toBe('one\ntwo\nhalf whole\n')
  expect(await read({ tailLines: 1 })).toBe('whole\n')
  expect(await read({ tailLines: 0 })).toBe('')
  expect(await read({ tailLines: 100 })).toBe('one\ntwo\nhalf whole\n')
  expect(await read({ since: Date.parse('2026-01-01T00:00:02Z') })).toBe('two\nhalf whole\n')
  expect(await read({ limitBytes: 5 })).toBe('one\nt')
  expect(await read({ stream: 'Stderr', timestamps: true })).toBe('2026-01-01T00:00:02.000000001Z two\n')
})

test('a long log is read in pieces, its tail from the end', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => line(i % 60, `line ${i}`))
  writeFileSync(path, lines.join(''))
  expect(await read({})).toBe(lines.map((_, i) => `line ${i}\n`).join(''))
  expect(await read({ tailLines: 2 })).toBe('line 19998\nline 19999\n')
  expect(await tailOfLog(path, { lines: 80, bytes: 15 })).toBe('998\nline 19999\n')
})

test('a followed log goes on over a rotation and ends with its container', async () => {
  writeFileSync(path, line(1, 'one'))
  let alive = true
  const text = read({ follow: true }, async () => {
    if (alive) {
      alive = false
      appendFileSync(path, line(2, 'two'))
      renameSync(path, `${path}.20260101-000000`)
      writeFileSync(path, line(3, 'three'))
      return true
    }
    return false
  })
  expect(await text).toBe('one\ntwo\nthree\n')
})

test('logs that grow too long are moved aside, and the oldest goes', async () => {
  const reopen = async (): Promise<void> => writeFileSync(path, '')
  for (let i = 0; i < 4; i++) {
    writeFileSync(path, 'x'.repeat(100))
    expect(await rotateLog(path, { maxBytes: 100, maxFiles: 3 }, reopen, Date.UTC(2026, 0, 1, 0, 0, i))).toBe(true)
  }
  expect(readdirSync(directory).sort()).toEqual(['0.log', '0.log.20260101-000002', '0.log.20260101-000003'])
  expect(await rotateLog(path, { maxBytes: 100, maxFiles: 3 }, reopen, 0)).toBe(false)
  writeFileSync(path, 'y'.repeat(100))
  await expect(rotateLog(path, { maxBytes: 100, maxFiles: 3 }, async () => { throw new Error('no') }, 0)).rejects.toThrow('no')
  expect(readFileSync(path, 'utf8')).toBe('y'.repeat(100))
  await removeLog(path)
  expect(readdirSync(directory)).toEqual([])
})
