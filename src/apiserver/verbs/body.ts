import { ApiError } from '#apimachinery/api-error'
import { decodeBody, decodeJsonBody, json, mediaTypeOf, mediaTypes, noProblems, protobuf, type StrictProblems, unrecognized, unsupportedMediaType } from '#apimachinery/codec/codec'
import { EnvelopeError } from '#apimachinery/codec/protobuf/envelope'
import { groupVersionOf } from '#apimachinery/resource'
import type { Exchange } from '../exchange'
import { readProtobuf } from './protobuf-body'

/** A body as a JSON value that is ours, and what strict validation has against its text. */
export interface Read {
  readonly value: unknown
  readonly problems: StrictProblems
}

/** `kind` is for messages; `mustSay`: the object has to name its kind. Throws 415 for other media types, 400 for what cannot be read. */
export async function readObject(exchange: Exchange, kind: string, strict = false, mustSay = false): Promise<Read> {
  const { headers } = exchange
  const body = await exchange.body()
  if (body.sort === 'object') return { value: body.object, problems: noProblems }
  const type = mediaTypeOf(typeof headers['content-type'] === 'string' ? headers['content-type'] : undefined)
  try {
    if (type === protobuf) return { value: await readProtobuf(body.bytes, { apiVersion: groupVersionOf(exchange.info), kind }), problems: noProblems }
    const { value, strict: problems, rounded } = type === json ? decodeJsonBody(body.bytes, strict) : await decodeBody(body.bytes, type, strict)
    if (mustSay && typeof value === 'object' && value !== null && !(value as { kind?: unknown }).kind) {
      const text = Buffer.from(body.bytes).toString('utf8')
      throw new EnvelopeError(`Object 'Kind' is missing in '${text}'`)
    }
    for (const text of rounded) exchange.warnings.push(text)
    return { value, problems }
  } catch (error) {
    throw unrecognized(error, kind, body.bytes)
  }
}

export function mediaType({ headers }: Exchange): string {
  const header = headers['content-type']
  if (typeof header !== 'string') return ''
  const semicolon = header.indexOf(';')
  return (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase()
}

export const unsupported = (types: readonly string[] = mediaTypes): ApiError => unsupportedMediaType(types)
