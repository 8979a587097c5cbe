import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Link {
  /** 1-based. */
  readonly line: number
  /** As written: `../src/base`, `#the-map`, `https://example.org`. */
  readonly target: string
}

/** Every document of ours: what git knows, and what is new and not ignored. Paths are relative to the root. */
export const documents = (): string[] => list(['--cached', '--others', '--exclude-standard', '*.md'])

/** Code that git knows. */
export const sourceFiles = (): string[] => list(['--cached', '*.ts'])

function list(what: readonly string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', ...what], { cwd: root, encoding: 'utf8' })
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
}

/** Lines outside fenced blocks of code. */
function* prose(text: string): Iterable<[line: number, text: string]> {
  let fenced = false
  for (const [i, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) fenced = !fenced
    else if (!fenced) yield [i + 1, line]
  }
}

export function linksIn(text: string): Link[] {
  return [...prose(text)].flatMap(([line, content]) => [...content.matchAll(/\]\(([^)\s]+)\)/g)].map((found) => ({ line, target: found[1]! })))
}

/** As the usual renderers name a heading: `Types and their tags` is `types-and-their-tags`. */
export function anchorsIn(text: string): Set<string> {
  const headings = [...prose(text)].flatMap(([, line]) => /^#+ (.*)/.exec(line)?.[1] ?? [])
  return new Set(headings.map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')))
}

/** Links of a document that lead nowhere, as `docs/a.md:3: ../src/gone.ts`. Links to other hosts are not followed. */
export function deadLinks(path: string, text: string): string[] {
  return linksIn(text)
    .filter(({ target }) => !/^[a-z]+:/.test(target) && !leadsSomewhere(path, text, target))
    .map(({ line, target }) => `${path}:${line}: ${target}`)
}

function leadsSomewhere(path: string, text: string, target: string): boolean {
  const [file = '', anchor] = target.split('#')
  const there = file === '' ? path : normalize(join(dirname(path), file))
  if (file !== '' && (there.startsWith('..') || !existsSync(join(root, there)))) return false
  return anchor === undefined || anchorsIn(file === '' ? text : readFileSync(join(root, there), 'utf8')).has(anchor)
}

/** Files that a folder's README names in backticks and that are neither in the folder or below it nor, by their whole path, in the repository. */
export function unknownFiles(path: string, text: string, known: readonly string[]): string[] {
  const folder = dirname(path)
  const named = [...prose(text)].flatMap(([line, content]) => [...content.matchAll(/`([\w./-]+\.ts)`/g)].map((found) => ({ line, file: found[1]! })))
  const isThere = (file: string): boolean =>
    existsSync(join(root, file)) || existsSync(join(root, folder, file)) || known.some((one) => one.startsWith(`${folder}/`) && one.endsWith(`/${file}`))
  return named.filter(({ file }) => !isThere(file)).map(({ line, file }) => `${path}:${line}: ${file}`)
}

/**
 * Pieces of code in a document that the file linked in the line above does not have. White space and trailing commas do not
 * count, and `// ...` stands for what was left out.
 */
export function staleExcerpts(path: string, text: string): string[] {
  const stale: string[] = []
  for (const [, target, code] of text.matchAll(/\]\(([^)\s]+)\)\n```ts\n([^]*?)\n```/g)) {
    const file = normalize(join(dirname(path), target!))
    if (!existsSync(join(root, file))) continue
    const source = bare(readFileSync(join(root, file), 'utf8'))
    for (const piece of code!.split(/^ *\/\/ \.\.\.$/m)) {
      if (!source.includes(bare(piece))) stale.push(`${path} shows what ${file} no longer says: ${piece.trim().split('\n')[0]}`)
    }
  }
  return stale
}

const bare = (code: string): string => code.replace(/\s+|,(?=\s*[)\]}])/g, '')
