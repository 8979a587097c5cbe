const maxBytes = 128

/** The `fieldManager` of a request, or the user agent up to its first slash, printable characters only, at most 128 bytes. */
export function managerName(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager) return fieldManager
  let name = ''
  let bytes = 0
  for (const character of (userAgent ?? '').split('/')[0]!) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) continue
    bytes += new TextEncoder().encode(character).length
    if (bytes > maxBytes) break
    name += character
  }
  return name
}
