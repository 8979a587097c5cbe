import type { FieldModel, StructModel, TypesFile } from './model'

/** The text of a `types.gen.ts`: the same for the same input, on every machine. */
export function emitTable({ path, origin, imports, structs }: TypesFile): string {
  const names = imports.map(({ origin: from }) => from.replaceAll(/\W/g, '_'))
  return [
    `// Made by npm run generate from ${path}. Not to be edited.`,
    `import { decodeTable } from '#apimachinery/schema/table'`,
    ...imports.map(({ specifier }, i) => `import { structs as ${names[i]} } from '${specifier}'`),
    '',
    `export const structs = decodeTable('${origin}', [${names.map((name) => `() => ${name}`).join(', ')}], ${quote(structs.map(structLine).join('\n'))})`,
    '',
  ].join('\n')
}

const structLine = ({ name, atomic, fields }: StructModel): string => [`${name}${atomic ? '!' : ''}`, ...fields.map(fieldText)].join('\t')

function fieldText({ name, type, tags }: FieldModel): string {
  const flags = [
    tags.required ? 'r' : '',
    tags.always === 'null' ? 'N' : tags.always === 'zero' ? 'a' : '',
    tags.pointer ? 'p' : '',
    tags.retainKeys ? 'k' : '',
    tags.granular ? 'g' : '',
    tags.merge === true ? 'm' : tags.merge !== undefined ? `m:${tags.merge}` : '',
  ].join('')
  const parts = [name, type, tags.proto ?? '-', flags || '-']
  if (tags.default !== undefined) parts.push(JSON.stringify(tags.default))
  else while (parts.at(-1) === '-') parts.pop()
  return parts.join(' ')
}

/** As a template literal, a line for each struct: short, and readable when something is wrong. */
function quote(text: string): string {
  return `\`\\\n${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``
}
