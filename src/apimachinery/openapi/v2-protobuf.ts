// The OpenAPI v2 document in the protobuf form of gnostic (openapi.v2.Document), which kubectl and client-go ask for.

type Json = Record<string, unknown>

const utf8 = new TextEncoder()

/** Collects the bytes of one message. */
class Message {
  readonly #parts: Uint8Array[] = []
  #length = 0

  #push(part: Uint8Array): void {
    this.#parts.push(part)
    this.#length += part.length
  }
  #varint(value: number): void {
    const bytes: number[] = []
    let rest = value
    while (rest > 127) {
      bytes.push((rest & 127) | 128)
      rest >>>= 7
    }
    bytes.push(rest)
    this.#push(Uint8Array.from(bytes))
  }
  bytes(field: number, value: Uint8Array): void {
    this.#varint((field << 3) | 2)
    this.#varint(value.length)
    this.#push(value)
  }
  text(field: number, value: unknown): void {
    if (typeof value === 'string' && value !== '') this.bytes(field, utf8.encode(value))
  }
  texts(field: number, values: unknown): void {
    if (Array.isArray(values)) for (const value of values) this.bytes(field, utf8.encode(String(value)))
  }
  flag(field: number, value: unknown): void {
    if (value !== true) return
    this.#varint(field << 3)
    this.#varint(1)
  }
  message(field: number, write: (message: Message) => void): void {
    const message = new Message()
    write(message)
    this.bytes(field, message.finish())
  }
  /** `repeated { string name = 1; T value = 2 }`: how gnostic writes maps. */
  named(field: number, entries: unknown, write: (message: Message, value: Json) => void): void {
    for (const [name, value] of Object.entries((entries ?? {}) as Json)) {
      this.message(field, (pair) => {
        pair.text(1, name)
        pair.message(2, (message) => write(message, value as Json))
      })
    }
  }
  /** Extensions are YAML text; JSON is YAML. */
  extensions(field: number, object: Json): void {
    for (const [name, value] of Object.entries(object)) {
      if (!name.startsWith('x-')) continue
      this.message(field, (pair) => {
        pair.text(1, name)
        pair.message(2, (any) => any.text(2, `${JSON.stringify(value)}\n`))
      })
    }
  }
  finish(): Uint8Array {
    const all = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }
}

export function encodeOpenApiV2(document: Json): Uint8Array {
  const message = new Message()
  message.text(1, document['swagger'])
  message.message(2, (info) => {
    const { title, version } = document['info'] as Json
    info.text(1, title)
    info.text(2, version)
  })
  message.message(8, (paths) => paths.named(2, document['paths'], path))
  message.message(9, (definitions) => definitions.named(1, document['definitions'], schema))
  if (document['parameters']) message.message(10, (parameters) => parameters.named(1, document['parameters'], parameter))
  for (const requirement of (document['security'] ?? []) as Json[]) {
    message.message(12, (security) => security.named(1, requirement, (list, scopes) => list.texts(1, scopes)))
  }
  message.message(13, (definitions) =>
    definitions.named(1, document['securityDefinitions'], (item, key) =>
      item.message(2, (apiKey) => {
        apiKey.text(1, key['type'])
        apiKey.text(2, key['name'])
        apiKey.text(3, key['in'])
        apiKey.text(4, key['description'])
      }),
    ),
  )
  return message.finish()
}

const methods: readonly (readonly [name: string, field: number])[] = [['get', 2], ['put', 3], ['post', 4], ['delete', 5], ['options', 6], ['head', 7], ['patch', 8]]

function path(message: Message, item: Json): void {
  for (const [name, field] of methods) if (item[name]) message.message(field, (found) => operation(found, item[name] as Json))
  for (const one of (item['parameters'] ?? []) as Json[]) message.message(9, (found) => parameterOrReference(found, one))
}

function operation(message: Message, item: Json): void {
  message.texts(1, item['tags'])
  message.text(3, item['description'])
  message.text(5, item['operationId'])
  message.texts(6, item['produces'])
  message.texts(7, item['consumes'])
  for (const one of (item['parameters'] ?? []) as Json[]) message.message(8, (found) => parameterOrReference(found, one))
  message.message(9, (responses) =>
    responses.named(1, item['responses'], (value, answer) =>
      value.message(1, (response) => {
        response.text(1, answer['description'])
        if (answer['schema']) response.message(2, (choice) => choice.message(1, (found) => schema(found, answer['schema'] as Json)))
      }),
    ),
  )
  message.texts(10, item['schemes'])
  message.extensions(13, item)
}

/** ParametersItem { Parameter parameter = 1, JsonReference json_reference = 2 }. */
function parameterOrReference(message: Message, item: Json): void {
  if (item['$ref']) message.message(2, (reference) => reference.text(1, item['$ref']))
  else message.message(1, (found) => parameter(found, item))
}

/** Parameter { BodyParameter body_parameter = 1, NonBodyParameter non_body_parameter = 2 }. */
function parameter(message: Message, item: Json): void {
  if (item['in'] === 'body') {
    message.message(1, (body) => {
      body.text(1, item['description'])
      body.text(2, item['name'])
      body.text(3, item['in'])
      body.flag(4, item['required'])
      body.message(5, (found) => schema(found, item['schema'] as Json))
    })
    return
  }
  const inPath = item['in'] === 'path'
  message.message(2, (other) =>
    other.message(inPath ? 4 : 3, (found) => {
      found.flag(1, item['required'])
      found.text(2, item['in'])
      found.text(3, item['description'])
      found.text(4, item['name'])
      found.text(inPath ? 5 : 6, item['type'])
      found.flag(inPath ? 19 : 20, item['uniqueItems'])
    }),
  )
}

function schema(message: Message, item: Json): void {
  message.text(1, item['$ref'])
  message.text(2, item['format'])
  message.text(4, item['description'])
  message.texts(19, item['required'])
  for (const value of (item['enum'] ?? []) as unknown[]) message.message(20, (any) => any.text(2, `${JSON.stringify(value)}\n`))
  if (item['additionalProperties']) message.message(21, (choice) => choice.message(1, (found) => schema(found, item['additionalProperties'] as Json)))
  if (item['type']) message.message(22, (type) => type.text(1, item['type']))
  if (item['items']) message.message(23, (items) => items.message(1, (found) => schema(found, item['items'] as Json)))
  if (item['properties']) message.message(25, (properties) => properties.named(1, item['properties'], schema))
  message.extensions(31, item)
}
