import { ApiError, badRequest } from '#apimachinery/api-error'
import { parse } from 'yaml'
import type { Exchange } from '../exchange'

const accepted = 'application/json, application/yaml'

/** The body of a write as a JSON value that is ours. Throws 415 for other media types, 400 for what cannot be read. */
export async function readObject(exchange: Exchange): Promise<unknown> {
  const body = await exchange.body()
  if (body.sort === 'object') return body.object
  const type = mediaType(exchange)
  if (type !== 'application/json' && type !== 'application/yaml' && type !== '') throw unsupported(accepted)
  return type === 'application/yaml' ? readYaml(body.bytes) : readJson(body.bytes)
}

export function mediaType({ headers }: Exchange): string {
  const header = headers['content-type']
  if (typeof header !== 'string') return ''
  const semicolon = header.indexOf(';')
  return (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase()
}

export const unsupported = (types: string): ApiError =>
  new ApiError(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${types}`)

const decoder = new TextDecoder()

export function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error))
  }
}

export function readYaml(bytes: Uint8Array): unknown {
  try {
    return parse(decoder.decode(bytes), { version: '1.1', merge: true, maxAliasCount: 100 })
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: yaml: ${error instanceof Error ? error.message : String(error)}`)
  }
}
