import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import { builtin } from '#api/builtin'
import type { ResourceRef } from '#apimachinery/resource'
import type { ObjectReader } from '../../authentication/objects'
import { splitApiVersion } from './place'

let known: ReadonlyMap<string, ResourceRef> | undefined

const builtIn = (): ReadonlyMap<string, ResourceRef> =>
  (known ??= new Map(builtin.flatMap((resource) =>
    Object.keys(resource.versions).map((apiVersion) => [`${apiVersion} ${resource.kind}`, refOf(apiVersion, resource)] as const))))

const refOf = (apiVersion: string, { resource, kind, namespaced }: ResourceRef): ResourceRef => ({ ...splitApiVersion(apiVersion), resource, kind, namespaced })

/** The resource that serves a kind; custom ones as soon as they are established. Undefined: nothing does. */
export function resourceOfKind(objects: ObjectReader, apiVersion: string, kind: string): ResourceRef | undefined {
  const found = builtIn().get(`${apiVersion} ${kind}`)
  if (found) return found
  const { group, version } = splitApiVersion(apiVersion)
  const definition = objects.list(customresourcedefinitions).find(({ spec, status }) =>
    spec.group === group && status.acceptedNames.kind === kind && spec.versions.some(({ name, served }) => name === version && served)
    && status.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True'))
  return definition && { group, version, kind, resource: definition.status.acceptedNames.plural, namespaced: definition.spec.scope === 'Namespaced' }
}
