// npm run generate: writes a schema table beside every types.ts. CONTRIBUTING.md explains the tags that it reads.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { emitTable } from './emit'
import type { TypesFile } from './model'
import { parseTypes } from './parse'

const apimachinery = 'src/apimachinery/meta/v1'

/** The folders that hold a `types.ts`, in a fixed order, relative to the root. */
export function foldersWithTypes(root: string): string[] {
  const folders = [apimachinery]
  for (const group of readdirSync(`${root}/src/api`, { withFileTypes: true })) {
    if (!group.isDirectory()) continue
    for (const version of readdirSync(`${root}/src/api/${group.name}`)) {
      const folder = `src/api/${group.name}/${version}`
      if (existsSync(`${root}/${folder}/types.ts`)) folders.push(folder)
    }
  }
  return folders.sort()
}

export function readTypes(root: string): TypesFile[] {
  const files = foldersWithTypes(root).map((folder) =>
    parseTypes(`${folder}/types.ts`, folder.split('/').slice(-2).join('/'), readFileSync(`${root}/${folder}/types.ts`, 'utf8')))
  checkReferences(files)
  return files
}

/** A reference into another table that has no such interface. */
function checkReferences(files: readonly TypesFile[]): void {
  const byOrigin = new Map(files.map((file) => [file.origin, file]))
  for (const { path, imports, structs } of files)
    for (const struct of structs)
      for (const field of struct.fields)
        for (const [, number, name] of field.type.matchAll(/(\d+)\.(\w+)/g)) {
          const { origin } = imports[Number(number)]!
          if (!byOrigin.get(origin)?.structs.some((other) => other.name === name)) throw new Error(`${path}: ${struct.name}.${field.name}: ${origin} has no ${name}`)
        }
}

/** Writes where something changed, so that builds and caches hold. Returns the paths that were written. */
export function generate(root: string): string[] {
  const written: string[] = []
  for (const file of readTypes(root)) {
    const path = `${root}/${file.path.replace(/\.ts$/, '.gen.ts')}`
    const text = emitTable(file)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    writeFileSync(path, text)
    written.push(path)
  }
  return written
}

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  for (const path of generate(process.cwd())) console.log(path)
}
