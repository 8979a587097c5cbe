/** Without vowels and look-alikes, so that hashes do not spell words. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Digits and other text in the alphabet of generated names. */
export function safeEncode(text: string): string {
  let encoded = ''
  for (let i = 0; i < text.length; i++) encoded += alphabet[text.charCodeAt(i) % alphabet.length]!
  return encoded
}

/**
 * A short name for a pod template, the same for the same template whatever the order of its fields. It is not the hash
 * that Go's printing of structs leads to: nobody but the controller that made it may rely on its value. Where two
 * templates collide, the controller raises `collisionCount` and gets another one.
 */
export function templateHash(template: object, collisionCount?: number): string {
  let hash = fnv1a(0x811c9dc5, canonical(template))
  if (collisionCount !== undefined) hash = fnv1a(hash, `\u0000${collisionCount}`)
  return safeEncode(String(hash))
}

function fnv1a(start: number, text: string): number {
  let hash = start
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
    if (unit > 0xff) hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
  }
  return hash >>> 0
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = value as Record<string, unknown>
  return `{${Object.keys(fields).filter((key) => fields[key] !== undefined).sort().map((key) => `${JSON.stringify(key)}:${canonical(fields[key])}`).join(',')}}`
}
