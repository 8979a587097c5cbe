import type { KubeObject } from '#apimachinery/object'
import { groupVersionOf } from '#apimachinery/resource'
import { applyDefaults, normalize } from '#apimachinery/schema/normalize'
import type { AdmissionRequest } from '../plugin'
import { isOwnObject } from './place'

type About = Pick<AdmissionRequest, 'resource' | 'subresource'>

/** An object of a request as another version shows it. Shares what it can; not to be changed. */
export function inVersion(request: About, object: KubeObject, apiVersion: string): KubeObject {
  if (!isOwnObject(request) || object.apiVersion === apiVersion) return object
  const { resource } = request
  return resource.versions[apiVersion]?.fromStorage?.(object as never) ?? { ...object, apiVersion: apiVersion as never }
}

/**
 * What somebody made of an object, in whatever version, as the request holds it: pruned and defaulted. `value` is ours. Throws what
 * does not fit the schema; `unknown` hears of fields that it has not.
 */
export async function fromVersion(request: About, value: KubeObject, apiVersion: string, unknown?: (path: string) => void): Promise<KubeObject> {
  if (!isOwnObject(request)) return value
  const { resource } = request
  const version = resource.versions[apiVersion]!
  const schema = await version.schema()
  if (version.decode) version.decode(schema, value, unknown)
  else normalize(schema, value, { defaults: true, ...(unknown && { unknown }) })
  const rests = groupVersionOf(resource)
  if (apiVersion === rests) {
    resource.defaults?.(value as never)
    return value
  }
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
}
