import type { Key } from '../store'

const ascii = /^[\0-\x7f]*$/

/**
 * A key as a string of its UTF-8 bytes, one character each: `<` and `startsWith` then follow byte order, which JavaScript's own order
 * of strings does not beyond U+D800. An ASCII key, as nearly all are, is its own byte string.
 */
export function byteString(key: Key): string {
  return ascii.test(key) ? key : Buffer.from(key, 'utf8').toString('latin1')
}
