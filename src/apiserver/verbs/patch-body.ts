import { badRequest } from '#apimachinery/api-error'
import { decodeJson } from '#apimachinery/codec/json'
import { JsonError } from '#apimachinery/codec/json-scan'
import { decodeYaml, YamlError } from '#apimachinery/codec/yaml'
import type { Exchange } from '../exchange'

/** The patch as a JSON value; `type` is its media type. Throws 400 for what cannot be read. */
export async function readPatch(exchange: Exchange, type: string, duplicate: (text: string) => void): Promise<unknown> {
  const patch = await read(exchange, type, duplicate)
  exchange.audit?.requestObject(patch)
  return patch
}

async function read(exchange: Exchange, type: string, duplicate: (text: string) => void): Promise<unknown> {
  const body = await exchange.body()
  if (body.sort === 'object') return body.object
  try {
    if (type === 'application/apply-patch+yaml') return await decodeYaml(body.bytes, { duplicate })
    return decodeJson(body.bytes, { duplicate: (path) => duplicate(`duplicate field ${JSON.stringify(path)}`) })
  } catch (error) {
    if (error instanceof YamlError) throw badRequest(`error decoding YAML: ${error.message}`)
    // Strategic patches are read by another part of the original, which says less.
    if (error instanceof JsonError) throw badRequest(type === 'application/strategic-merge-patch+json' ? error.message : `error decoding patch: ${error.message}`)
    throw error
  }
}
