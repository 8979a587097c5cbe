import type { OwnerReference } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { sameData } from '#base/clone'
import type { Authorizer } from '../authorization/authorizer'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { refuse } from './refuse'

/** Finds the resource that serves a kind; undefined: nothing does. */
export type ResourceOf = (apiVersion: string, kind: string) => { readonly resource: string; readonly namespaced: boolean } | undefined | Promise<{ readonly resource: string; readonly namespaced: boolean } | undefined>

const ownersOf = (object: KubeObject | undefined): readonly OwnerReference[] => object?.metadata?.ownerReferences ?? []

/**
 * Who gives an object an owner lets it be deleted with the owner, so he must be allowed to delete it; and who lets it hold up the
 * owner's deletion must be allowed to set the owner's finalizers.
 */
export function ownerReferencesPermissionEnforcement({ authorizer, resourceOf }: { authorizer: Authorizer; resourceOf: ResourceOf }): AdmissionPlugin {
  const may = async (request: AdmissionRequest, asked: { verb: string; group: string; version: string; resource: string; subresource: string; namespace: string; name: string }): Promise<string | undefined> => {
    const { verdict, reason } = await authorizer.authorize({ isResource: true, path: '', user: request.user, ...asked })
    return verdict === 'allow' ? undefined : `${reason}, <nil>`
  }

  const check = async (request: AdmissionRequest): Promise<void> => {
    const { operation, kind, resource, subresource, namespace, name } = request
    if (operation !== 'CREATE') {
      const why = await may(request, { verb: 'delete', group: kind.group, version: kind.version, resource: resource.resource, subresource, namespace, name })
      if (why !== undefined) throw refuse(request, `cannot set an ownerRef on a resource you can't delete: ${why}`)
    }
    const blocking = newlyBlocking(ownersOf(request.object), ownersOf(request.old))
    if (blocking.length === 0) return
    const everything = { verb: 'update', group: '*', version: '*', resource: '*', subresource: 'finalizers', namespace: '', name: '*' }
    if ((await may(request, everything)) === undefined) return
    for (const owner of blocking) {
      const found = await resourceOf(owner.apiVersion, owner.kind)
      const [group, version] = owner.apiVersion.includes('/') ? (owner.apiVersion.split('/') as [string, string]) : ['', owner.apiVersion]
      if (!found) {
        throw refuse(request, `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${owner.apiVersion} Kind ${owner.kind}: no matches for kind ${JSON.stringify(owner.kind)} in version ${JSON.stringify(owner.apiVersion)}`)
      }
      const why = await may(request, { verb: 'update', group, version, resource: found.resource, subresource: 'finalizers', namespace: found.namespaced ? namespace : '', name: owner.name })
      if (why !== undefined) throw refuse(request, `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${why}`)
    }
  }

  return {
    name: 'OwnerReferencesPermissionEnforcement',
    // The status endpoint of pods changes no owners, and old kubelets garble them.
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && !(resource.resource === 'pods' && resource.group === '' && subresource === 'status'),
    validate(request) {
      const [after, before] = [ownersOf(request.object), ownersOf(request.old)]
      if (after.length === before.length && after.every((owner, i) => sameData(owner, before[i]))) return
      return check(request)
    },
  }
}

const newlyBlocking = (after: readonly OwnerReference[], before: readonly OwnerReference[]): OwnerReference[] =>
  after.filter((owner) => owner.blockOwnerDeletion && !before.some(({ uid, blockOwnerDeletion }) => uid === owner.uid && blockOwnerDeletion))
