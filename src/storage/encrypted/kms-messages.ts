import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** The messages of `v2.KeyManagementService` and of what rests beside a value that was encrypted with its help; numbers are those of the original's api.proto. */
export type Annotations = ReadonlyMap<string, Uint8Array>
export type KmsStatus = { version: string; healthz: string; keyId: string }
export type Encrypted = { ciphertext: Uint8Array; keyId: string; annotations: Annotations }

export const sourceTypes = { key: 0, seed: 1 } as const
export type Envelope = { data: Uint8Array; keyId: string; source: Uint8Array; annotations: Annotations; sourceType: number }

const bytes = (writer: BinaryWriter, field: number, value: Uint8Array): void => void (value.length > 0 && writer.tag(field, WireType.LengthDelimited).bytes(value))
const string = (writer: BinaryWriter, field: number, value: string): void => void (value !== '' && writer.tag(field, WireType.LengthDelimited).string(value))
function map(writer: BinaryWriter, field: number, values: Annotations): void {
  for (const [key, value] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.tag(field, WireType.LengthDelimited).fork()
    string(writer, 1, key)
    bytes(writer, 2, value)
    writer.join()
  }
}

/** Field by number, with what reads it. What is not listed is skipped. */
function read(source: Uint8Array, fields: Readonly<Record<number, (reader: BinaryReader) => void>>): void {
  const reader = new BinaryReader(source)
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag()
    const field = fields[number]
    if (field) field(reader)
    else reader.skip(wire, number)
  }
}

function readPair(source: Uint8Array, into: Map<string, Uint8Array>): void {
  let key = ''
  let value: Uint8Array = new Uint8Array()
  read(source, { 1: (reader) => (key = reader.string()), 2: (reader) => (value = reader.bytes()) })
  into.set(key, value)
}

export function decodeStatus(source: Uint8Array): KmsStatus {
  const status: KmsStatus = { version: '', healthz: '', keyId: '' }
  read(source, { 1: (r) => (status.version = r.string()), 2: (r) => (status.healthz = r.string()), 3: (r) => (status.keyId = r.string()) })
  return status
}

export function encodeEncryptRequest(plaintext: Uint8Array, uid: string): Uint8Array {
  const writer = new BinaryWriter()
  bytes(writer, 1, plaintext)
  string(writer, 2, uid)
  return writer.finish()
}

export function decodeEncryptResponse(source: Uint8Array): Encrypted {
  const annotations = new Map<string, Uint8Array>()
  const found: Encrypted = { ciphertext: new Uint8Array(), keyId: '', annotations }
  read(source, { 1: (r) => (found.ciphertext = r.bytes()), 2: (r) => (found.keyId = r.string()), 3: (r) => readPair(r.bytes(), annotations) })
  return found
}

export function encodeDecryptRequest({ ciphertext, keyId, annotations }: Encrypted, uid: string): Uint8Array {
  const writer = new BinaryWriter()
  bytes(writer, 1, ciphertext)
  string(writer, 2, uid)
  string(writer, 3, keyId)
  map(writer, 4, annotations)
  return writer.finish()
}

export function decodeDecryptResponse(source: Uint8Array): Uint8Array {
  let plaintext: Uint8Array = new Uint8Array()
  read(source, { 1: (r) => (plaintext = r.bytes()) })
  return plaintext
}

export function encodeEnvelope({ data, keyId, source, annotations, sourceType }: Envelope): Uint8Array {
  const writer = new BinaryWriter()
  bytes(writer, 1, data)
  string(writer, 2, keyId)
  bytes(writer, 3, source)
  map(writer, 4, annotations)
  if (sourceType !== 0) writer.tag(5, WireType.Varint).int32(sourceType)
  return writer.finish()
}

export function decodeEnvelope(stored: Uint8Array): Envelope {
  const annotations = new Map<string, Uint8Array>()
  const envelope: Envelope = { data: new Uint8Array(), keyId: '', source: new Uint8Array(), annotations, sourceType: 0 }
  read(stored, {
    1: (r) => (envelope.data = r.bytes()), 2: (r) => (envelope.keyId = r.string()), 3: (r) => (envelope.source = r.bytes()),
    4: (r) => readPair(r.bytes(), annotations), 5: (r) => (envelope.sourceType = r.int32()),
  })
  return envelope
}
