import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/**
 * Protobuf messages as tables: a field's name, number and sort. CRI is a hundred messages of which the kubelet uses a few
 * fields each; tables of just those are a tenth of generated code. Fields that are not listed are skipped when read.
 */
export interface Codec<T> {
  encode(value: T): Uint8Array
  /** Absent scalars read as '' / 0 / false, lists as [], maps as {}, messages as undefined. */
  decode(bytes: Uint8Array): T
  readonly fields: readonly Field[]
}

/**
 * `nanos`: int64 nanoseconds, in our types milliseconds. `int64Value`, `uint64Value`: a wrapper message that tells 0 from
 * absent. A list of strings: an enum by position.
 */
export type Scalar = 'string' | 'bool' | 'int32' | 'int64' | 'uint64' | 'nanos' | 'bytes' | 'int64Value' | 'uint64Value'
export type Sort = Scalar | 'labels' | readonly string[] | Codec<never> | { list: Scalar | Codec<never> }
interface Field { name: string; number: number; sort: Sort }

/** `message<Metadata>({ name: [1, 'string'] })`. */
export function message<T extends object>(spec: { readonly [K in keyof T]?: readonly [number, Sort] }): Codec<T> {
  const fields = Object.entries(spec as Record<string, readonly [number, Sort]>).map(([name, [number, sort]]): Field => ({ name, number, sort }))
  const byNumber = new Map(fields.map((field) => [field.number, field]))
  const codec: Codec<T> = {
    fields,
    encode(value) {
      const writer = new BinaryWriter()
      writeMessage(writer, fields, value as Record<string, unknown>)
      return writer.finish()
    },
    decode(bytes) {
      const value = emptyOf(fields)
      const reader = new BinaryReader(bytes)
      while (reader.pos < reader.len) {
        const [number, wire] = reader.tag()
        const field = byNumber.get(number)
        if (field) readField(reader, field, wire, value)
        else reader.skip(wire, number)
      }
      return value as T
    },
  }
  return codec
}

const isCodec = (sort: unknown): sort is Codec<unknown> => typeof sort === 'object' && sort !== null && 'decode' in sort
const isEnum = (sort: Sort): sort is readonly string[] => Array.isArray(sort)

function writeMessage(writer: BinaryWriter, fields: readonly Field[], value: Record<string, unknown>): void {
  for (const { name, number, sort } of fields) {
    const field = value[name]
    if (field === undefined || field === null) continue
    if (sort === 'labels') {
      for (const [key, text] of Object.entries(field as Record<string, string>)) {
        writer.tag(number, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).string(text).join()
      }
    } else if (isEnum(sort)) {
      const at = sort.indexOf(field as string)
      if (at < 0) throw new Error(`${name}: "${field as string}" is none of ${sort.join(', ')}`)
      if (at > 0) writer.tag(number, WireType.Varint).int32(at)
    } else if (isCodec(sort)) {
      writer.tag(number, WireType.LengthDelimited).fork()
      writeMessage(writer, sort.fields, field as Record<string, unknown>)
      writer.join()
    } else if (typeof sort === 'object') {
      for (const item of field as readonly unknown[]) {
        if (isCodec(sort.list)) {
          writer.tag(number, WireType.LengthDelimited).fork()
          writeMessage(writer, sort.list.fields, item as Record<string, unknown>)
          writer.join()
        } else writeScalar(writer, number, sort.list as Scalar, item, true)
      }
    } else writeScalar(writer, number, sort, field, false)
  }
}

function writeScalar(writer: BinaryWriter, number: number, sort: Scalar, value: unknown, always: boolean): void {
  switch (sort) {
    case 'string':
      if (value !== '' || always) writer.tag(number, WireType.LengthDelimited).string(value as string)
      return
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited).bytes(value as Uint8Array)
      return
    case 'bool':
      if (value || always) writer.tag(number, WireType.Varint).bool(value as boolean)
      return
    case 'int32':
      if (value !== 0 || always) writer.tag(number, WireType.Varint).int32(value as number)
      return
    case 'int64':
    case 'uint64':
      if (value !== 0 || always) writer.tag(number, WireType.Varint).int64(String(Math.trunc(value as number)))
      return
    case 'nanos':
      writer.tag(number, WireType.Varint).int64(String(BigInt(Math.trunc((value as number) * 1000)) * 1000n))
      return
    case 'int64Value':
    case 'uint64Value':
      writer.tag(number, WireType.LengthDelimited).fork()
      writeScalar(writer, 1, 'int64', value, false)
      writer.join()
  }
}

function emptyOf(fields: readonly Field[]): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const { name, sort } of fields) {
    if (sort === 'labels') value[name] = {}
    else if (isEnum(sort)) value[name] = sort[0]
    else if (isCodec(sort)) continue
    else if (typeof sort === 'object') value[name] = []
    else if (sort === 'string') value[name] = ''
    else if (sort === 'bool') value[name] = false
    else if (sort === 'bytes') value[name] = new Uint8Array()
    else if (sort !== 'int64Value' && sort !== 'uint64Value') value[name] = 0
  }
  return value
}

function readField(reader: BinaryReader, { name, number, sort }: Field, wire: WireType, value: Record<string, unknown>): void {
  if (sort === 'labels') {
    const { key, value: text } = entry.decode(reader.bytes())
    ;(value[name] as Record<string, string>)[key] = text
  } else if (isEnum(sort)) {
    value[name] = sort[reader.int32()] ?? sort[0]
  } else if (isCodec(sort)) {
    value[name] = sort.decode(reader.bytes())
  } else if (typeof sort === 'object') {
    const list = value[name] as unknown[]
    if (isCodec(sort.list)) list.push(sort.list.decode(reader.bytes()))
    else if (wire === WireType.LengthDelimited && sort.list !== 'string' && sort.list !== 'bytes') {
      const packed = new BinaryReader(reader.bytes())
      while (packed.pos < packed.len) list.push(readScalar(packed, sort.list as Scalar))
    } else list.push(readScalar(reader, sort.list as Scalar))
  } else if (sort === 'int64Value' || sort === 'uint64Value') {
    value[name] = wrapped.decode(reader.bytes()).value
  } else {
    value[name] = readScalar(reader, sort)
  }
  void number
}

function readScalar(reader: BinaryReader, sort: Scalar): unknown {
  switch (sort) {
    case 'string':
      return reader.string()
    case 'bytes':
      return reader.bytes()
    case 'bool':
      return reader.bool()
    case 'int32':
      return reader.int32()
    case 'nanos':
      return Number(BigInt(reader.int64()) / 1000n) / 1000
    case 'uint64':
      return Number(reader.uint64())
    default:
      return Number(reader.int64())
  }
}

const entry = message<{ key: string; value: string }>({ key: [1, 'string'], value: [2, 'string'] })
const wrapped = message<{ value: number }>({ value: [1, 'int64'] })
