import type { NamespacedName } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'

/** `/api/v1/namespaces/default/pods` or `/apis/apps/v1/deployments`: where a kind is listed and created. */
export function collectionPath({ group, version, resource, namespaced }: ResourceRef, namespace: string | undefined): string {
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`
  return namespaced && namespace ? `${root}/namespaces/${encodeURIComponent(namespace)}/${resource}` : `${root}/${resource}`
}

/** Where one object is read and written. */
export function objectPath(resource: ResourceRef, { namespace, name }: NamespacedName, subresource?: string): string {
  if (!name) throw new TypeError(`${resource.resource}: a name is needed`)
  if (resource.namespaced && !namespace) throw new TypeError(`${resource.resource} "${name}": a namespace is needed, the kind is namespaced`)
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`
  return subresource ? `${path}/${subresource}` : path
}
