import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'

/**
 * Writes what users of the package see of its types: the declarations that its doors lead to, with imports as every
 * `moduleResolution` understands them (relative, with extension). `tsc -b` made them for our own, which has neither.
 */
const from = resolve('dist/types')
const to = resolve('dist/declarations')
const doors = ['cluster/index', 'testing/index', 'api/index', 'client/index']

/** Comments, which may show imports, and what imports. */
const specifier = /\/\*[^]*?\*\/|(\bfrom\s*|\bimport\s*\(\s*|^import\s+)(['"])(#|\.{1,2}\/)([^'"]+)\2/gm

rmSync(to, { recursive: true, force: true })
const waiting = doors.map((door) => resolve(from, `${door}.d.ts`))
const seen = new Set(waiting)
for (const file of waiting) {
  const text = readFileSync(file, 'utf8').replace(specifier, (all, before: string | undefined, quote: string, sort: string, path: string) => {
    if (before === undefined) return all
    const target = declarationOf(sort === '#' ? resolve(from, path) : resolve(dirname(file), sort, path), file)
    if (!seen.has(target)) {
      seen.add(target)
      waiting.push(target)
    }
    const there = relative(dirname(file), target).replace(/\.d\.ts$/, '.js')
    return `${before}${quote}${there.startsWith('.') ? there : `./${there}`}${quote}`
  })
  const copy = resolve(to, relative(from, file))
  mkdirSync(dirname(copy), { recursive: true })
  writeFileSync(copy, text)
}

function declarationOf(path: string, importer: string): string {
  const found = [`${path}.d.ts`, `${path}/index.d.ts`, path.replace(/\.js$/, '.d.ts')].find((candidate) => candidate.endsWith('.d.ts') && existsSync(candidate))
  if (!found) throw new Error(`${relative(from, importer)} imports ${relative(from, path)}, which has no declarations: run npm run typecheck first`)
  return found
}
