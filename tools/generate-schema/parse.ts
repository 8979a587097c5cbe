import { parseSync } from 'oxc-parser'
import type { Program, TSType } from 'oxc-parser'
import type { FieldModel, StructModel, Tags, TypesFile } from './model'
import { readTags } from './tags'

/** The names of `src/apimachinery/meta/v1/scalars.ts`, in the notation of tables. */
const scalars: Readonly<Record<string, string>> = {
  Int32: 'i', Int64: 'l', Float64: 'd', Time: 't', MicroTime: 'T', Bytes: 'B', Quantity: 'q', IntOrString: 'n',
  Json: 'u', RawExtension: 'U', FieldsV1: 'F',
}

interface Scope {
  readonly local: ReadonlySet<string>
  /** Imported type name -> number of its table. */
  readonly imported: ReadonlyMap<string, number>
  readonly scalars: ReadonlySet<string>
}

/** Reads a `types.ts`. Every mistake in it is an Error that names file, interface and field. */
export function parseTypes(path: string, origin: string, source: string): TypesFile {
  const { program, comments, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`)

  /** By the offset at which the comment ends: a tag comment stands right before what it speaks about. */
  const docs = new Map<number, string>()
  for (const { type, value, end } of comments) if (type === 'Block' && value.startsWith('*')) docs.set(end, value)
  const tagsBefore = (start: number): Tags => {
    let end = start
    while (end > 0 && /\s/.test(source[end - 1]!)) end--
    const text = docs.get(end)
    return text === undefined ? {} : readTags(text)
  }

  const imports: { origin: string; specifier: string }[] = []
  const scope = scopeOf(program, path, imports)
  const structs: StructModel[] = []
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') continue
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : undefined
    if (declaration?.type !== 'TSInterfaceDeclaration') throw new Error(`${path}: only imports and exported interfaces may stand here, not ${statement.type}`)
    const name = declaration.id.name
    const located = <T>(field: string, read: () => T): T => {
      try {
        return read()
      } catch (cause) {
        throw new Error(`${path}: ${name}${field}: ${(cause as Error).message}`, { cause })
      }
    }
    const own = located('', () => {
      if (declaration.extends.length > 0 || declaration.typeParameters) throw new Error('may neither extend nor take parameters')
      const tags = tagsBefore(statement.start)
      const strange = Object.keys(tags).find((tag) => tag !== 'atomic')
      if (strange) throw new Error(`@${strange} cannot stand before an interface`)
      return tags
    })
    const fields: FieldModel[] = []
    for (const member of declaration.body.body) {
      if (member.type !== 'TSPropertySignature') throw new Error(`${path}: ${name}: only fields may stand here, not ${member.type}`)
      const field = member.key.type === 'Identifier' ? member.key.name : member.key.type === 'Literal' ? String(member.key.value) : ''
      fields.push(located(`.${field}`, () => {
        if (fields.some((other) => other.name === field)) throw new Error('is there twice')
        if (!member.typeAnnotation) throw new Error('has no type')
        const tags = tagsBefore(member.start)
        const type = typeText(member.typeAnnotation.typeAnnotation, scope, tags)
        check(field, type, tags)
        return { name: field, type, tags }
      }))
    }
    structs.push({ name, atomic: own.atomic === true, fields })
  }
  return { origin, path, imports, structs }
}

function scopeOf(program: Program, path: string, imports: { origin: string; specifier: string }[]): Scope {
  const local = new Set<string>()
  const imported = new Map<string, number>()
  const known = new Set<string>()
  for (const statement of program.body) {
    if (statement.type === 'ExportNamedDeclaration' && statement.declaration?.type === 'TSInterfaceDeclaration') local.add(statement.declaration.id.name)
    if (statement.type !== 'ImportDeclaration') continue
    const from = statement.source.value
    const table = /^#(?:api|apimachinery)\/(\w+\/\w+)\/types$/.exec(from)
    if (!table && from !== '#apimachinery/meta/v1/scalars') throw new Error(`${path}: imports ${from}, but types come from '#…/types' and scalars alone`)
    const number = table ? imports.push({ origin: table[1]!, specifier: `${from}.gen` }) - 1 : -1
    for (const specifier of statement.specifiers) {
      if (specifier.type !== 'ImportSpecifier') throw new Error(`${path}: import single names from ${from}`)
      if (number < 0) known.add(specifier.local.name)
      else imported.set(specifier.local.name, number)
    }
  }
  return { local, imported, scalars: known }
}

function typeText(type: TSType, scope: Scope, tags: Tags): string {
  const plain: Tags = {}
  switch (type.type) {
    case 'TSStringKeyword':
      return 's'
    case 'TSBooleanKeyword':
      return 'b'
    case 'TSParenthesizedType':
      return typeText(type.typeAnnotation, scope, tags)
    case 'TSLiteralType':
      if (type.literal.type === 'Literal' && typeof type.literal.value === 'string') return 's'
      throw new Error('only string literals are known')
    case 'TSUnionType': {
      const parts = [...new Set(type.types.map((part) => typeText(part, scope, plain)))]
      return parts.length === 1 ? parts[0]! : `(${parts.join('|')})`
    }
    case 'TSArrayType':
      return listText('*', typeText(type.elementType, scope, plain), tags)
    case 'TSTypeReference': {
      if (type.typeName.type !== 'Identifier') throw new Error('qualified type names are not known')
      return referenceText(type.typeName.name, type.typeArguments?.params ?? [], scope, tags)
    }
    default:
      throw new Error(`the type ${type.type} is not known: use the names of scalars.ts, interfaces, lists and Record<string, …>`)
  }
}

function referenceText(name: string, parameters: readonly TSType[], scope: Scope, tags: Tags): string {
  if (scope.scalars.has(name)) {
    const scalar = scalars[name]
    if (scalar) return scalar
    if (name === 'ListSet') return listText('+', typeText(parameters[0]!, scope, {}), tags)
    if (name === 'ListMap') return listText(`{${stringsOf(parameters[1]!).join(',')}}`, typeText(parameters[0]!, scope, {}), tags)
  }
  if (name === 'Record') {
    if (parameters[0]?.type !== 'TSStringKeyword') throw new Error('maps are Record<string, …>')
    if (parameters[1]!.type === 'TSNeverKeyword') return '()'
    return `%${tags.atomic ? '!' : tags.granular ? '~' : ''}${typeText(parameters[1]!, scope, {})}`
  }
  const reference = scope.local.has(name) ? `.${name}` : scope.imported.has(name) ? `${scope.imported.get(name)}.${name}` : undefined
  if (reference === undefined) throw new Error(`the type ${name} is neither declared here nor imported`)
  return tags.atomic ? `!${reference}` : tags.granular ? `~${reference}` : reference
}

const listText = (sort: string, items: string, tags: Tags): string => `${sort}${tags.atomic ? '!' : ''}${items}`

function stringsOf(type: TSType): string[] {
  if (type.type === 'TSUnionType') return type.types.flatMap(stringsOf)
  if (type.type === 'TSLiteralType' && type.literal.type === 'Literal' && typeof type.literal.value === 'string') return [type.literal.value]
  throw new Error('the keys of a ListMap are string literals')
}

/** Tags that contradict their type or each other. */
function check(field: string, type: string, tags: Tags): void {
  const list = type.startsWith('*') || type.startsWith('+') || type.startsWith('{')
  if (tags.merge !== undefined && !list) throw new Error('@merge speaks about lists')
  if (tags.atomic && (type.startsWith('+') || type.startsWith('{'))) throw new Error('@atomic contradicts ListMap and ListSet')
  if (tags.atomic && tags.granular) throw new Error('@atomic contradicts @granular')
  if (tags.proto === undefined && field !== 'apiVersion' && field !== 'kind') throw new Error('has no @proto')
}
