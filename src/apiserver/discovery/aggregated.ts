import type { Kind } from '../kinds'
import { gvkOf, subresourcesOf, verbsOf, verbsOfResource, type ServedGroup } from './resources'

/** All groups with their resources in one document: apidiscovery.k8s.io. */
export function aggregated(groups: readonly ServedGroup[], version: 'v2' | 'v2beta1'): unknown {
  return {
    kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {},
    items: groups.map(({ name, versions }) => ({ name, versions: versions.filter(({ remote }) => !remote?.own) })).filter(({ versions }) => versions.length > 0).map(({ name, versions }) => ({
      metadata: name ? { name } : {},
      versions: versions.map(({ version: name, kinds, remote }) => ({ version: name, resources: remote?.resources ?? kinds.map(resourceOf), freshness: remote?.freshness ?? 'Current' })),
    })),
  }
}

function resourceOf({ resource }: Kind): unknown {
  const { kind, namespaced, shortNames, categories, singular } = resource
  const subresources = subresourcesOf(resource).map(([subresource, definition]) => {
    const fallback = resource.customResource ? resource : { group: '', version: '' }
    const { group = fallback.group, version = fallback.version, kind: own } = gvkOf(definition, kind)
    return { subresource, responseKind: { group, version, kind: own }, verbs: verbsOf(definition) }
  })
  return {
    resource: resource.resource,
    responseKind: resource.customResource ? { group: resource.group, version: resource.version, kind } : { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOfResource(resource),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  }
}
