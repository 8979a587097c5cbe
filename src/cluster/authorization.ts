import type { Authorizer, RuleResolver } from '#apiserver/authorization/authorizer'
import { alwaysAllow, alwaysDeny, resolveAll } from '#apiserver/authorization/chain'
import { nodeAuthorizer } from '#apiserver/authorization/node/node-authorizer'
import { relations } from '#apiserver/authorization/node/relations'
import { rbac, type Rbac } from '#apiserver/authorization/rbac'
import { persistentvolumes } from '#api/core/v1/persistent-volume'
import { pods } from '#api/core/v1/pod'
import { clusterroles } from '#api/rbac/v1/cluster-role'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import { roles } from '#api/rbac/v1/role'
import { rolebindings } from '#api/rbac/v1/role-binding'
import { volumeattachments } from '#api/storage/v1/volume-attachment'
import type { Informers } from '#client/informer'

/** The authorizers that `--authorization-mode` names, in its order. Throws for modes that are not built or not known. */
export function createAuthorization(modes: readonly string[], informers: Informers): { authorizers: readonly Authorizer[]; rules: RuleResolver; rbac: Rbac | undefined } {
  let byRoles: Rbac | undefined
  const authorizers = modes.map((mode): Authorizer & RuleResolver => {
    switch (mode) {
      case 'RBAC':
        byRoles = rbac({
          roles: informers.get(roles), roleBindings: informers.get(rolebindings),
          clusterRoles: informers.get(clusterroles), clusterRoleBindings: informers.get(clusterrolebindings),
        })
        return byRoles
      case 'Node':
        return nodeAuthorizer(relations({ pods: informers.get(pods), persistentVolumes: informers.get(persistentvolumes), volumeAttachments: informers.get(volumeattachments) }))
      case 'AlwaysAllow':
        return alwaysAllow
      case 'AlwaysDeny':
        return alwaysDeny
      case 'ABAC':
      case 'Webhook':
        throw new Error(`--authorization-mode=${mode} is not built: use Node, RBAC, AlwaysAllow or AlwaysDeny`)
      default:
        throw new Error(`--authorization-mode: ${JSON.stringify(mode)} is not a mode: use Node, RBAC, AlwaysAllow or AlwaysDeny`)
    }
  })
  return { authorizers, rules: resolveAll(authorizers), rbac: byRoles }
}
