import { gunzipSync } from 'node:zlib'
import { openApiV3 } from '#api/openapi/files'
import type { Descriptions, OpenApiSchema } from '#apimachinery/openapi/definitions'

let texts: Promise<Descriptions> | undefined

/** What the built-in documents say of the types that custom resources share with them: metadata, statuses, scales. */
export function sharedDescriptions(): Promise<Descriptions> {
  texts ??= read().catch((error: unknown) => {
    texts = undefined
    throw error
  })
  return texts
}

/** A document that has all of them. */
const source = 'apis/apps/v1'
const shared = /^io\.k8s\.(?:apimachinery\.|api\.autoscaling\.v1\.Scale)/

async function read(): Promise<Descriptions> {
  const document = await openApiV3(source)
  if (!document) throw new Error(`the OpenAPI document of ${source} is not there: run npm run generate`)
  const { components } = JSON.parse(gunzipSync(document.gzip).toString('utf8')) as { components: { schemas: Record<string, OpenApiSchema> } }
  const types = new Map<string, { own: string | undefined; fields: ReadonlyMap<string, string> }>()
  for (const [name, { description, properties = {} }] of Object.entries(components.schemas)) {
    if (!shared.test(name)) continue
    types.set(name, { own: description, fields: new Map(Object.entries(properties).flatMap(([field, schema]) => (schema.description === undefined ? [] : [[field, schema.description] as const]))) })
  }
  return { of: (definition) => types.get(definition)?.own, ofField: (definition, field) => types.get(definition)?.fields.get(field) }
}
