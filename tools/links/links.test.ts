import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { anchorsIn, deadLinks, documents, linksIn, root, sourceFiles, staleExcerpts, unknownFiles } from './links'

const all = documents()
const code = sourceFiles()
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

test('every link in our documents leads somewhere', () => {
  expect(all).toEqual(expect.arrayContaining(['CONTRIBUTING.md', 'docs/ARCHITECTURE.md', 'docs/a-pod.md', 'src/base/README.md']))
  expect(all.flatMap((path) => deadLinks(path, read(path)))).toEqual([])
})

test('the code that our documents show is in the files they name', () => {
  expect(all.flatMap((path) => staleExcerpts(path, read(path)))).toEqual([])
})

test('the files that folders name on the path through them are there', () => {
  const readmes = all.filter((path) => path.startsWith('src/') && path.endsWith('/README.md'))
  expect(readmes.flatMap((path) => unknownFiles(path, read(path), code))).toEqual([])
})

test('every folder of src with code in it has a README', () => {
  const folders = new Set(code.filter((path) => path.startsWith('src/')).map((path) => dirname(path)))
  expect([...folders].filter((folder) => !all.includes(`${folder}/README.md`))).toEqual([])
})

test('links are found in prose, and dead ones are told with their lines', () => {
  const text = ['# Two words: here', '[a](../package.json) and [b](gone.md), [c](https://example.org/x)', '```', '[d](no.md)', '```', '[e](#two-words-here) [f](#nowhere)'].join('\n')
  expect(linksIn(text).map(({ target }) => target)).toEqual(['../package.json', 'gone.md', 'https://example.org/x', '#two-words-here', '#nowhere'])
  expect(deadLinks('docs/x.md', text)).toEqual(['docs/x.md:2: gone.md', 'docs/x.md:6: #nowhere'])
  expect(deadLinks('docs/x.md', '[out](../../elsewhere)')).toEqual(['docs/x.md:1: ../../elsewhere'])
  expect(anchorsIn('## `Store`, and more\n')).toEqual(new Set(['store-and-more']))
})

test('an excerpt may be set otherwise and leave things out, but not say other things', () => {
  const excerpt = (code: string): string => `[x](../tools/links/links.ts)\n\`\`\`ts\n${code}\n\`\`\``
  expect(staleExcerpts('docs/x.md', excerpt('export interface Link {\n  // ...\n  readonly target:   string\n}'))).toEqual([])
  expect(staleExcerpts('docs/x.md', excerpt('export interface Link {\n  readonly target: number'))).toEqual([
    'docs/x.md shows what tools/links/links.ts no longer says: export interface Link {',
  ])
})
