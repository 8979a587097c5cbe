import { readFileSync, writeFileSync } from 'node:fs'
import { fromRoot } from './sources'

/** What `ratchets.json` holds. */
export interface Limits {
  /** At most so many. */
  counts: Record<string, number>
  /** At least so many percent, by area of the API. */
  parity: Record<string, number>
}

const file = fromRoot('ratchets.json')
const conformance = fromRoot('ratchets/conformance.txt')

export const readLimits = (): Limits => JSON.parse(readFileSync(file, 'utf8')) as Limits
export const writeLimits = (limits: Limits): void => writeFileSync(file, `${JSON.stringify(limits, undefined, 2)}\n`)

/** Names of conformance tests, one a line; `#` begins a comment. */
export const readNames = (path: string = conformance): string[] =>
  readFileSync(path, 'utf8').split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))

export function addConformance(names: readonly string[]): void {
  const text = readFileSync(conformance, 'utf8')
  const comments = text.split('\n').filter((line) => line.startsWith('#'))
  const all = [...new Set([...readNames(), ...names])].sort()
  writeFileSync(conformance, `${[...comments, ...all].join('\n')}\n`)
}
