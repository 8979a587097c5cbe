import { dumpPodTemplate } from './go-dump/go-dump'

/** Without vowels and look-alikes, so that hashes do not spell words. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Digits and other text in the alphabet of generated names. */
export function safeEncode(text: string): string {
  let encoded = ''
  for (let i = 0; i < text.length; i++) encoded += alphabet[text.charCodeAt(i) % alphabet.length]!
  return encoded
}

/**
 * The short name of a pod template, as kube-controller-manager computes it for Deployments and DaemonSets. Where two
 * templates collide, the controller raises `collisionCount` and gets another one.
 */
export function templateHash(template: object, collisionCount?: number): string {
  const hash = fnv1a(offset, encoder.encode(dumpPodTemplate(template)))
  if (collisionCount === undefined) return safeEncode(String(hash))
  const count = new Uint8Array(8)
  new DataView(count.buffer).setUint32(0, collisionCount, true)
  return safeEncode(String(fnv1a(hash, count)))
}

/** The short name of a ControllerRevision's data, as kube-controller-manager computes it for StatefulSets. */
export function revisionHash(data: object, collisionCount = 0): string {
  return safeEncode(String(fnv1(offset, encoder.encode(goJson(data) + String(collisionCount)))))
}

const encoder = new TextEncoder()
const [offset, prime] = [0x811c9dc5, 0x01000193]

function fnv1a(start: number, bytes: Uint8Array): number {
  let hash = start
  for (const byte of bytes) hash = Math.imul(hash ^ byte, prime)
  return hash >>> 0
}

function fnv1(start: number, bytes: Uint8Array): number {
  let hash = start
  for (const byte of bytes) hash = Math.imul(hash, prime) ^ byte
  return hash >>> 0
}

/** JSON as Go writes maps: keys in order, and nothing in texts that HTML would take for its own. */
export function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (typeof value === 'string') return goString(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = value as Record<string, unknown>
  return `{${Object.keys(fields).filter((key) => fields[key] !== undefined).sort().map((key) => `${goString(key)}:${goJson(fields[key])}`).join(',')}}`
}

const goString = (text: string): string =>
  JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
