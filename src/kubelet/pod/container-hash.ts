import type { Container } from '#api/core/v1/types'

/**
 * Tells whether a running container is still the one its spec asks for. Name and image only: other fields cannot change, or
 * change in place. FNV-1a over the same JSON as the original, so that containers of either kubelet are recognised.
 */
export function containerHash(container: Pick<Container, 'name' | 'image'>): string {
  const text = Buffer.from(JSON.stringify({ image: container.image ?? '', name: container.name }).replace(/[<>&\u2028\u2029]/g, goEscape))
  let hash = 0x811c9dc5
  for (const byte of text) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash.toString(16)
}

/** Go's encoder escapes these for HTML. */
function goEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}
