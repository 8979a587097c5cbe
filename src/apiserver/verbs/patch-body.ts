import { badRequest } from '#apimachinery/api-error'
import { decodeJson } from '#apimachinery/codec/json'
import { JsonError } from '#apimachinery/codec/json-scan'
import { decodeYaml, YamlError } from '#apimachinery/codec/yaml'
import type { Exchange } from '../exchange'

/** The patch as a JSON value. Throws 400 for what cannot be read. */
export async function readPatch(exchange: Exchange, apply: boolean, duplicate: (text: string) => void): Promise<unknown> {
  const patch = await read(exchange, apply, duplicate)
  exchange.audit?.requestObject(patch)
  return patch
}

async function read(exchange: Exchange, apply: boolean, duplicate: (text: string) => void): Promise<unknown> {
  const body = await exchange.body()
  if (body.sort === 'object') return body.object
  try {
    if (apply) return await decodeYaml(body.bytes, { duplicate })
    return decodeJson(body.bytes, { duplicate: (path) => duplicate(`duplicate field ${JSON.stringify(path)}`) })
  } catch (error) {
    if (error instanceof YamlError) throw badRequest(`error decoding YAML: ${error.message}`)
    if (error instanceof JsonError) throw badRequest(`error decoding patch: ${error.message}`)
    throw error
  }
}
