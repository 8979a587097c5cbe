import { internal } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { groupVersionOf } from '#apimachinery/resource'
import { applyDefaults, normalize } from '#apimachinery/schema/normalize'
import type { AdmissionRequest } from '../plugin'
import { isOwnObject, versionsOf } from './place'

type About = Pick<AdmissionRequest, 'resource' | 'subresource'>

/** What others made of objects, by version. Forgotten when the object changes. */
const converted = new WeakMap<KubeObject, Map<string, KubeObject>>()

/**
 * Before an object is looked at in other versions: where somebody else converts, he is asked here, so that looking needs no waiting.
 * Undefined where there is nothing to wait for. Rejects with what the API answers.
 */
export function converting(request: About & Pick<AdmissionRequest, 'object' | 'old'>, apiVersions: readonly string[]): Promise<void> | undefined {
  const conversion = request.resource.customResource?.conversion
  if (!conversion || !isOwnObject(request)) return undefined
  const waiting: Promise<void>[] = []
  for (const apiVersion of new Set(apiVersions)) {
    const objects = [request.object, request.old].filter((object) => object !== undefined && object.apiVersion !== apiVersion && !converted.get(object)?.has(apiVersion)) as KubeObject[]
    if (objects.length > 0) waiting.push(ask(conversion, objects, apiVersion))
  }
  return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined)
}

async function ask(conversion: NonNullable<NonNullable<AdmissionRequest['resource']['customResource']>['conversion']>, objects: readonly KubeObject[], apiVersion: string): Promise<void> {
  let made: readonly KubeObject[]
  try {
    made = await conversion.convert(objects, apiVersion)
  } catch (error) {
    throw internal(error)
  }
  for (const [i, object] of objects.entries()) {
    let known = converted.get(object)
    if (!known) converted.set(object, (known = new Map()))
    known.set(apiVersion, made[i]!)
  }
}

/** Who asks first: others may have changed the object since. */
export const beginning = ({ object }: Pick<AdmissionRequest, 'object'>): void => void (object && converted.delete(object))

/** An object of a request as another version shows it; see `converting`. Shares what it can; not to be changed. */
export function inVersion(request: About, object: KubeObject, apiVersion: string): KubeObject {
  if (!isOwnObject(request) || object.apiVersion === apiVersion) return object
  const { resource } = request
  if (resource.customResource?.conversion) {
    const known = converted.get(object)?.get(apiVersion)
    if (!known) throw new Error(`${resource.kind} was not converted to ${apiVersion} before it was looked at`)
    return known
  }
  return resource.versions[apiVersion]?.fromStorage?.(object as never) ?? { ...object, apiVersion: apiVersion as never }
}

/**
 * What somebody made of an object, in whatever version, as the request holds it: pruned and defaulted. `value` is ours. Throws what
 * does not fit the schema; `unknown` hears of fields that it has not.
 */
export async function fromVersion(request: About, value: KubeObject, apiVersion: string, unknown?: (path: string) => void): Promise<KubeObject> {
  if (!isOwnObject(request)) return value
  const { resource } = request
  const version = versionsOf(resource)[apiVersion]!
  const schema = await version.schema()
  if (version.decode) version.decode(schema, value, unknown)
  else normalize(schema, value, { defaults: true, ...(unknown && { unknown }) })
  const rests = groupVersionOf(resource)
  if (apiVersion === rests) {
    resource.defaults?.(value as never)
    return value
  }
  const conversion = resource.customResource?.conversion
  if (conversion) return (await conversion.convert([value], rests))[0]!
  const stored = version.toStorage?.(value) ?? resource.versions[rests]?.fromStorage?.(value as never) ?? { ...value, apiVersion: rests as never }
  if (!resource.customResource) applyDefaults(await resource.versions[rests]!.schema(), stored)
  resource.defaults?.(stored as never)
  return stored
}

/** The registry holds on to the object that it asks about: what it is made of is exchanged. */
export function replaceWith(object: KubeObject, made: KubeObject): void {
  const [to, from] = [object as unknown as Record<string, unknown>, made as unknown as Record<string, unknown>]
  for (const field in to) if (!(field in from)) delete to[field]
  Object.assign(to, from)
  converted.delete(object)
}
