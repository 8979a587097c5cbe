import type { Key } from '../store'

/** What stands in the store, as it was written; `stale`: it would be written in another form today. */
export type Plain = { readonly value: Uint8Array; readonly stale: boolean }

/** How values rest. The key is authenticated where the form can: a value that was moved to another key is not read. */
export interface Transformer {
  /** A promise only where somebody else must be asked. Throws, or rejects, for what cannot be read. */
  read(stored: Uint8Array, key: Key): Plain | Promise<Plain>
  /** Throws where it cannot be written as it must be. */
  write(value: Uint8Array, key: Key): Uint8Array
}

/** A transformer of what follows a prefix. */
export interface Provider {
  readonly prefix: Uint8Array
  readonly transformer: Transformer
}

export const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean => {
  if (bytes.length < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false
  return true
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The first writes; what the prefix of a value names reads it, and where several do, the first that can. */
export function byPrefix(providers: readonly Provider[], nobody = 'no matching prefix found'): Transformer {
  const [first] = providers
  return {
    write: (value, key) => concat(first!.prefix, first!.transformer.write(value, key)),
    read(stored, key) {
      const errors: unknown[] = []
      const from = (start: number): Plain | Promise<Plain> => {
        for (let i = start; i < providers.length; i++) {
          const { prefix, transformer } = providers[i]!
          if (!startsWith(stored, prefix)) continue
          const staleToo = ({ value, stale }: Plain): Plain => ({ value, stale: stale || i > 0 })
          const failed = (error: unknown): Plain | Promise<Plain> => {
            // What has no prefix meets everything, and says no to what others have written.
            if (prefix.length > 0) errors.push(error)
            return from(i + 1)
          }
          try {
            const plain = transformer.read(stored.subarray(prefix.length), key)
            return plain instanceof Promise ? plain.then(staleToo, failed) : staleToo(plain)
          } catch (error) {
            return failed(error)
          }
        }
        throw errors.length === 1 ? errors[0] : new Error(errors.length > 0 ? `[${errors.map((error) => (error as Error).message).join(', ')}]` : nobody)
      }
      return from(0)
    },
  }
}

const encryptedPrefix = new TextEncoder().encode('k8s:enc:')

/** As it is; what others have encrypted is not read as if it were not. */
export const identity: Transformer = {
  write: (value) => value,
  read(stored) {
    if (startsWith(stored, encryptedPrefix)) throw new Error('identity transformer tried to read encrypted data')
    return { value: stored, stale: false }
  },
}
