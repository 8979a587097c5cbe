import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Source {
  /** From the root: `src/base/clock.ts`. */
  readonly path: string
  readonly text: string
}

const root = new URL('../../', import.meta.url)

export const fromRoot = (path: string): string => fileURLToPath(new URL(path, root))

/** Every TypeScript file of ours that git knows; what is generated it does not know. */
export function readSources(): Source[] {
  const paths = execFileSync('git', ['ls-files', '-z', 'src/*.ts', 'test/*.ts', 'tools/*.ts', 'bench/*.ts'], { cwd: root, encoding: 'utf8' })
  return paths.split('\0').flatMap((path) => (path === '' ? [] : (readIfThere(path) ?? [])))
}

function readIfThere(path: string): Source | undefined {
  try {
    return { path, text: readFileSync(fromRoot(path), 'utf8') }
  } catch (error) {
    // Deleted, and not committed yet.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
