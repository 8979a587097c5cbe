import type { FieldWriter, JsonObject } from '#apimachinery/apply/contract'
import type { KubeObject } from '#apimachinery/object'
import type { Struct } from '#apimachinery/schema/schema'
import type { Log } from '#component-base/log'
import { writerOf } from './managers'
import type { WriteRequest } from './write'

/** Found on the way: an object whose form in another version nobody has asked for yet. */
class Unconverted extends Error {
  readonly object: JsonObject
  readonly apiVersion: string

  constructor(object: JsonObject, apiVersion: string) {
    super(`not converted to ${apiVersion}`)
    this.object = object
    this.apiVersion = apiVersion
  }
}

/**
 * Reckons who owns which fields. Managers who wrote in other versions keep theirs: what changed is asked in their terms. Where somebody
 * else converts, that takes a wait, and the reckoning, which has no other effect, is begun again. Rejects with what the API answers.
 */
export function reckonManagers<T>(request: WriteRequest, schema: Struct, reckon: (writer: FieldWriter) => T): T | Promise<T> {
  const writer = writerOf(request, schema)
  const conversion = request.kind.resource.customResource?.conversion
  if (!conversion) return reckon(writer)
  const { versions } = conversion
  /** By version, then by what the object holds: each turn makes its own. */
  const known = new Map<string, Map<string, { object: JsonObject; schema: Struct }>>()
  const convert = (object: JsonObject, apiVersion: string): { object: JsonObject; schema: Struct } | undefined => {
    if (!versions[apiVersion]) return undefined
    const found = known.get(apiVersion)?.get(JSON.stringify(object))
    if (!found) throw new Unconverted(object, apiVersion)
    return found
  }
  const turn = async (): Promise<T> => {
    for (;;) {
      try {
        return reckon({ ...writer, convert })
      } catch (error) {
        if (!(error instanceof Unconverted)) throw error
        const { object, apiVersion } = error
        const own = object.apiVersion ? object : { ...object, apiVersion: request.kind.apiVersion }
        // What there was not yet has nothing to convert.
        const made = object.metadata === undefined ? { ...object, apiVersion } : ((await conversion.convert([withKind(own, request)], apiVersion))[0] as unknown as JsonObject)
        let ofVersion = known.get(apiVersion)
        if (!ofVersion) known.set(apiVersion, (ofVersion = new Map()))
        ofVersion.set(JSON.stringify(object), { object: made, schema: await versions[apiVersion]!.schema() })
      }
    }
  }
  return turn()
}

const withKind = (object: JsonObject, { kind }: WriteRequest): KubeObject => ({ kind: kind.resource.kind, ...object }) as unknown as KubeObject

/** The same for a write that is no apply: nobody is refused because somebody else cannot be asked for a conversion. The object has no managers then, as in the original. */
export async function reckonOrDrop(request: WriteRequest, schema: Struct, log: Log, reckon: (writer: FieldWriter) => string): Promise<string> {
  try {
    return await reckonManagers(request, schema, reckon)
  } catch (error) {
    log.error('could not tell who manages the fields of an object, which has no managed fields now', { kind: request.kind.resource.kind, namespace: request.namespace, name: request.name, error })
    return ''
  }
}
