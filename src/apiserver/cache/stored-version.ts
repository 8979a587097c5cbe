/**
 * Custom resources rest with the version in which they were written behind their JSON text, since definitions change: `{...}v1`. What
 * has none was written before versions were told apart, or by a definition that had but one.
 */
const brace = 0x7d

export function withVersion(text: Uint8Array, version: string): Uint8Array {
  const bytes = new Uint8Array(text.length + version.length)
  bytes.set(text)
  for (let i = 0; i < version.length; i++) bytes[text.length + i] = version.charCodeAt(i)
  return bytes
}

export function splitVersion(bytes: Uint8Array): { readonly text: Uint8Array; readonly version: string } {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] !== brace) end--
  if (end === bytes.length) return { text: bytes, version: '' }
  let version = ''
  for (let i = end; i < bytes.length; i++) version += String.fromCharCode(bytes[i]!)
  return { text: bytes.subarray(0, end), version }
}
