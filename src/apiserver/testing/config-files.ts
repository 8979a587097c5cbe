import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ConfigFiles extends Disposable {
  /** Writes a file and gives its path; one that is there is replaced as a whole. */
  write(name: string, text: string): string
}

/** A folder for files that a server reads; it goes with the test. */
export function configFiles(): ConfigFiles {
  const directory = mkdtempSync(join(tmpdir(), 'navarch-config-'))
  return {
    write(name, text) {
      const file = join(directory, name)
      writeFileSync(`${file}.new`, text)
      renameSync(`${file}.new`, file)
      return file
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
}
