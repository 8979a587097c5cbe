import type { Field, ListOf, MapOf, Scalar, ScalarKind, Schema, Struct, Untyped } from './schema'

export type Structs = Readonly<Record<string, Struct>>

const scalar = (type: ScalarKind): Scalar => ({ type })
const scalars: Readonly<Record<string, Scalar | Untyped>> = {
  s: scalar('string'), b: scalar('boolean'), i: scalar('int32'), l: scalar('int64'), d: scalar('double'), B: scalar('bytes'),
  t: scalar('time'), T: scalar('microTime'), q: scalar('quantity'), n: scalar('intOrString'), u: { type: 'untyped' }, U: { type: 'untyped', name: 'RawExtension' }, F: { type: 'untyped', name: 'FieldsV1' },
}

interface Table {
  readonly origin: string
  readonly structs: Record<string, Struct>
  readonly imports: readonly (() => Structs)[]
}

/**
 * Makes structs of the text that `tools/generate-schema` writes. Loading costs little more than splitting the text into
 * lines: a struct's fields are decoded when they are first asked for, and references to other tables resolved then, so
 * circles among types and among files do no harm.
 *
 * A line is a struct, tabs part its fields: `PodSpec⇥containers {name}.Container 2 rNm:name`. A field is its name, type,
 * protobuf number, flags and default. Types: a letter for a scalar, `.Name` of this table, `0.Name` of the first import,
 * `*T` list, `+T` set, `{a,b}T` list map, `%T` map, `(A|B)` either, `()` an object without fields; `!` before a struct and
 * behind a list's or map's sign says atomic, `~` granular. Flags: r required, a always, N always null,
 * p pointer, k retainKeys, g granular, `m:key` merge.
 */
export function decodeTable(origin: string, imports: readonly (() => Structs)[], text: string): Structs {
  const table: Table = { origin, structs: {}, imports }
  for (const line of text.split('\n')) {
    const end = line.indexOf('\t')
    let name = end < 0 ? line : line.slice(0, end)
    const atomic = name.endsWith('!')
    if (atomic) name = name.slice(0, -1)
    table.structs[name] = new TableStruct(table, name, atomic, end < 0 ? '' : line.slice(end + 1))
  }
  return table.structs
}

class TableStruct implements Struct {
  readonly type = 'struct'
  readonly name: string
  readonly atomic: boolean
  readonly preserveUnknown = false
  readonly origin: string
  readonly #table: Table
  #text: string
  #fields: ReadonlyMap<string, Field> | undefined

  constructor(table: Table, name: string, atomic: boolean, text: string) {
    this.#table = table
    this.#text = text
    this.name = name
    this.atomic = atomic
    this.origin = table.origin
  }

  get fields(): ReadonlyMap<string, Field> {
    if (this.#fields) return this.#fields
    const fields = new Map<string, Field>()
    if (this.#text !== '') {
      for (const text of this.#text.split('\t')) {
        const field = decodeField(text, this.#table)
        fields.set(field.name, field)
      }
    }
    this.#text = ''
    this.#fields = fields
    return fields
  }

  /** The same fields under another rule of ownership: what a tag at the field that refers here may say. */
  owned(atomic: boolean): Struct {
    if (this.atomic === atomic) return this
    return new OwnedStruct(this, atomic)
  }
}

/** The fields of another struct, decoded when they are asked for. */
class OwnedStruct implements Struct {
  readonly type = 'struct'
  readonly preserveUnknown = false
  readonly base: Struct
  readonly atomic: boolean

  constructor(base: Struct, atomic: boolean) {
    this.base = base
    this.atomic = atomic
  }
  get name(): string {
    return this.base.name
  }
  get origin(): string | undefined {
    return this.base.origin
  }
  get fields(): ReadonlyMap<string, Field> {
    return this.base.fields
  }
}

function decodeField(text: string, table: Table): Field {
  const [name = '', type = '', proto = '-', flags = '-', ...rest] = text.split(' ')
  const schema = new TypeReader(type, table).read()
  const [, letters = '', merge, mergeKey] = /^([^m]*)(m)?:?(.*)$/.exec(flags) ?? []
  const always = letters.includes('a') || letters.includes('N')
  return {
    name,
    schema,
    proto: proto === '-' ? [] : proto.split('.').map(Number),
    required: letters.includes('r'),
    zero: always ? 'always' : letters.includes('p') ? 'keep' : 'drop',
    ...(always ? { empty: letters.includes('N') ? null : zeroOf(schema) } : {}),
    ...(rest.length > 0 ? { default: JSON.parse(rest.join(' ')) as unknown } : {}),
    ...(merge ? { mergeKey: mergeKey || true } : {}),
    retainKeys: letters.includes('k'),
  }
}

/** What Go writes for a zero value of this type. */
function zeroOf(schema: Schema): unknown {
  switch (schema.type) {
    case 'string':
    case 'bytes':
      return ''
    case 'boolean':
      return false
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'time':
    case 'microTime':
    case 'untyped':
      return null
    case 'list':
      return []
    case 'map':
    case 'struct':
      return {}
  }
}

class TypeReader {
  readonly #text: string
  readonly #table: Table
  #at = 0

  constructor(text: string, table: Table) {
    this.#text = text
    this.#table = table
  }

  read(): Schema {
    const sign = this.#text[this.#at]!
    switch (sign) {
      case '*':
        return this.#list('atomic', [])
      case '+':
        return this.#list('set', [])
      case '{': {
        const end = this.#text.indexOf('}', this.#at)
        const keys = this.#text.slice(this.#at + 1, end).split(',')
        this.#at = end
        return this.#list('map', keys)
      }
      case '%': {
        this.#at++
        const atomic = this.#skip('!')
        const stated = this.#skip('~')
        return { type: 'map', values: this.read(), atomic, ...(stated ? { stated } : {}) } satisfies MapOf
      }
      case '(':
        return this.#either()
      case '!':
      case '~':
        this.#at++
        return this.#reference(sign === '!')
      default: {
        const known = scalars[sign]
        const next = this.#text[this.#at + 1]
        if (!known || next === '.') return this.#reference(undefined)
        this.#at++
        return known
      }
    }
  }

  #list(listType: ListOf['listType'], keys: readonly string[]): ListOf {
    this.#at++
    const stated = this.#skip('!')
    return { type: 'list', items: this.read(), listType, keys, ...(stated ? { stated } : {}) }
  }

  #either(): Schema {
    this.#at++
    const either: Schema[] = []
    while (!this.#skip(')')) {
      either.push(this.read())
      this.#skip('|')
    }
    if (either.length === 0) return { type: 'struct', name: '', fields: new Map(), atomic: false, preserveUnknown: false }
    return { type: 'untyped', either }
  }

  #reference(atomic: boolean | undefined): Struct {
    const [all, number, name] = /^(\d*)\.(\w+)/.exec(this.#text.slice(this.#at)) ?? []
    if (all === undefined || name === undefined) throw new Error(`${this.#table.origin}: cannot read the type ${this.#text}`)
    this.#at += all.length
    const structs = number === '' ? this.#table.structs : this.#table.imports[Number(number)]?.()
    const struct = structs?.[name]
    if (!struct) throw new Error(`${this.#table.origin}: ${this.#text} refers to ${name}, which is nowhere: run npm run generate`)
    return atomic === undefined || !(struct instanceof TableStruct) ? struct : struct.owned(atomic)
  }

  #skip(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false
    this.#at++
    return true
  }
}
