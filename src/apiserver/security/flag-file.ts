import { readFileSync } from 'node:fs'
import { messageOf } from '#base/error-message'

/** The text of a file that a flag names, read while the server is put together. Throws an Error that names both. */
export function readFlagFile(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`--${flag} ${JSON.stringify(file)} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}
