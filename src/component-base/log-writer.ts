import { writeSync } from 'node:fs'
import type { Clock } from '#base/clock'
import type { Fields, Log } from './log'

export const levels = ['debug', 'info', 'warn', 'error'] as const
export type Level = (typeof levels)[number]

export interface LogOptions {
  /** Lines below it are not written. */
  level?: Level
  /** `text` for people: `10:00:00.000 INFO  pod started  pod=default/web`; `json`: one object a line. */
  format?: 'text' | 'json'
  /** Where a line goes, its newline included; standard error unless said otherwise. */
  write?: (line: string) => void
}

/** Names of fields whose values never reach a log. */
const secretName = /token|password|passwd|secret|authorization|cookie|private.?key|credential|bearer/i
/** `secretName: 'db'` tells which secret, not what is in it. */
const harmless = /(name|namespace|count|ref|uid|id)s?$/i
/** Values that are secrets whatever their field is called: private keys, bearer tokens, JSON web tokens. */
const secretValue = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bBearer \S+|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g
const redacted = '[redacted]'

/**
 * The log of a running program. Own writing rather than a library: a line costs a few microseconds, the file loads in
 * nothing, and redaction is in one place.
 */
export function createLog(clock: Pick<Clock, 'now'>, options: LogOptions = {}): Log {
  const { level = 'info', format = 'text', write = (text) => void writeSync(2, text) } = options
  const threshold = levels.indexOf(level)
  const make = (bound: Fields): Log => {
    const at = (which: Level, number: number) =>
      number < threshold ? () => {} : (message: string, fields?: Fields) => write(line(clock.now(), which, message, fields ? { ...bound, ...fields } : bound, format))
    return { debug: at('debug', 0), info: at('info', 1), warn: at('warn', 2), error: at('error', 3), with: (fields) => make({ ...bound, ...fields }) }
  }
  return make({})
}

function line(now: number, level: Level, message: string, fields: Fields, format: 'text' | 'json'): string {
  const time = new Date(now).toISOString()
  if (format === 'json') return `${JSON.stringify({ time, level, message, ...clean(fields) })}\n`
  const shown = Object.entries(clean(fields)).map(([name, value]) => ` ${name}=${plain(value)}`)
  return `${time.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${message}${shown.length > 0 ? ' ' : ''}${shown.join('')}\n`
}

const plain = (value: unknown): string => (typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value) ?? 'undefined')

function clean(fields: Fields): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) out[name] = secretName.test(name) && !harmless.test(name) ? redacted : cleanValue(value, 0)
  }
  return out
}

/** Four levels deep: a log line is no dump of objects. */
function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.replace(secretValue, redacted)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Error) return cleanValue(value.cause === undefined ? value.stack : `${value.stack}\ncaused by: ${value.cause instanceof Error ? `${value.cause}` : plain(value.cause)}`, depth)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 4) return Array.isArray(value) ? '[...]' : '{...}'
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, depth + 1))
  const out: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) out[name] = secretName.test(name) && !harmless.test(name) ? redacted : cleanValue(item, depth + 1)
  return out
}
