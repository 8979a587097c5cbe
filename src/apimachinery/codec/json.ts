import { type Findings, JsonError, maxDepth, scanJson } from './json-scan'

export interface JsonOptions {
  /** Called with the path of each field that an object has twice, and where all fields stand. The last one counts, as everywhere. */
  readonly duplicate?: (path: string, findings: Findings) => void
  /** Called for each integer beyond 2^53 that a number cannot hold: it is rounded. */
  readonly inexact?: (path: string, literal: string) => void
}

// A byte order mark is no JSON, and bytes that are no UTF-8 become U+FFFD, both as in Go.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Decodes JSON with JSON.parse, and reads the text a second time only where something may be wrong: the text is no JSON (JsonError with
 * Go's message), it has more fields than the value (duplicates), long integers, or it is so large that it may be too deep.
 * `__proto__` is a field like any other, as JSON.parse makes it.
 */
export function decodeJson(body: Uint8Array | string, { duplicate, inexact }: JsonOptions = {}): unknown {
  const text = typeof body === 'string' ? body : utf8.decode(body)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    scanJson(text)
    throw new JsonError('invalid JSON', { cause })
  }
  const suspicious =
    (text.length > maxDepth * 2 && tooDeep(text)) || (inexact !== undefined && /\d{16}/.test(text)) || (duplicate !== undefined && colonsAfterQuotes(text) !== countFields(value))
  if (suspicious) {
    const findings = scanJson(text)
    if (duplicate) for (const path of findings.duplicates) duplicate(path, findings)
    if (inexact) for (const { path, literal } of findings.inexact) inexact(path, literal)
  }
  return value
}

/** Whether brackets, wherever they stand, could be nested too deep. */
function tooDeep(text: string): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 32
    if (code === 123) {
      if (++depth > maxDepth) return true
    } else if (code === 125 && depth > 0) depth--
  }
  return false
}

/** Never fewer than there are fields; more when a string holds `":`. */
function colonsAfterQuotes(text: string): number {
  let count = 0
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
    let before = at - 1
    while (before >= 0 && text.charCodeAt(before) <= 32) before--
    if (text.charCodeAt(before) === 34) count++
  }
  return count
}

function countFields(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      if (typeof item === 'object') count += countFields(item)
    }
    return count
  }
  const object = value as Record<string, unknown>
  for (const key in object) {
    count++
    const item = object[key]
    if (typeof item === 'object') count += countFields(item)
  }
  return count
}
