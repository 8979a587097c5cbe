import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where a set of certificates is kept: PEM texts by file name. A cluster in memory keeps them in a Map. */
export interface PemFiles {
  /** Undefined: there is no such file. */
  read(name: string): string | undefined
  /** `secret`: a private key, which only its owner may read. */
  write(name: string, pem: string, secret: boolean): void
}

/** A directory, as kubeadm lays one out. Files appear whole or not at all. */
export function pemDirectory(directory: string): PemFiles {
  return {
    read(name) {
      try {
        return readFileSync(join(directory, name), 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw new Error(`cannot read ${join(directory, name)}: ${(error as Error).message}`, { cause: error })
      }
    },
    write(name, pem, secret) {
      const path = join(directory, name)
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
      const temporary = `${path}.${randomUUID()}`
      writeFileSync(temporary, pem, { mode: secret ? 0o600 : 0o644, flag: 'wx' })
      renameSync(temporary, path)
    },
  }
}

export function pemMemory(files = new Map<string, string>()): PemFiles {
  return { read: (name) => files.get(name), write: (name, pem) => void files.set(name, pem) }
}
