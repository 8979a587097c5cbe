import { isDeepStrictEqual } from 'node:util'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '#api/rbac/v1/types'
import { forbidden, notFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { mastersGroup } from '../authentication/users'
import type { WriteRequest } from '../registry/write'
import type { Rest } from '../rest/rest'
import type { Attributes, Authorizer } from './authorizer'
import type { Rbac } from './rbac'
import { describeRules, quoteAll, uncovered } from './rules'

const group = 'rbac.authorization.k8s.io'

/**
 * Nobody may give what they do not hold: a role that is written, or that a binding refers to, must be covered by the
 * writer's own rules, unless the writer may `escalate` that role or `bind` to it by name.
 * @param authorizer The whole chain, for those two verbs.
 */
export function rbacRests(rbac: Rbac, authorizer: Authorizer): Rest<any>[] {
  const mayDo = async (request: WriteRequest, asked: Pick<Attributes, 'verb' | 'resource' | 'name'>): Promise<boolean> => {
    const attributes: Attributes = { isResource: true, path: '', group, version: '*', subresource: '', namespace: request.namespace, user: request.user, ...asked }
    return (await authorizer.authorize(attributes)).verdict === 'allow'
  }

  const confirm = (request: WriteRequest, object: KubeObject, rules: readonly PolicyRule[]): void => {
    const { user, namespace, kind } = request
    const held = rbac.policyRules(user, namespace)
    const missing = uncovered(held.rules, rules)
    if (missing.length === 0) return
    const failed = held.errors.length > 0 ? `; resolution errors: [${held.errors.join(' ')}]` : ''
    throw forbidden(
      { group, resource: kind.resource.resource }, object.metadata.name,
      `user ${JSON.stringify(user.name)} (groups=${quoteAll(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${describeRules(missing).join('\n')}${failed}`,
    )
  }

  const role = (resource: 'roles' | 'clusterroles'): Rest<Role | ClusterRole> => ({
    group, resource,
    async begin(object, old, request) {
      if (isSuperuser(request) || (old && changesOwnershipOnly(object, old))) return undefined
      if (await mayDo(request, { verb: 'escalate', resource, name: request.name })) return undefined
      confirm(request, object, object.rules ?? [])
      // A cluster role that takes up others' rules may come to hold anything.
      if ((aggregates(object) || (old && aggregates(old))) && uncovered(rbac.policyRules(request.user, request.namespace).rules, fullAuthority).length > 0) {
        throw forbidden({ group, resource }, object.metadata.name, 'must have cluster-admin privileges to use the aggregationRule')
      }
      return undefined
    },
  })

  const binding = (resource: 'rolebindings' | 'clusterrolebindings'): Rest<RoleBinding | ClusterRoleBinding> => ({
    group, resource,
    async begin(object, old, request) {
      if (isSuperuser(request) || (old && changesOwnershipOnly(object, old))) return undefined
      const { roleRef } = object
      // Any other kind is refused by the validation that follows.
      if (roleRef.kind !== 'Role' && roleRef.kind !== 'ClusterRole') return undefined
      if (await mayDo(request, { verb: 'bind', resource: roleRef.kind === 'Role' ? 'roles' : 'clusterroles', name: roleRef.name })) return undefined
      const rules = rbac.rulesOf(roleRef, request.namespace)
      if (!rules) throw notFound({ group, resource }, roleRef.name)
      confirm(request, object, rules)
      return undefined
    },
  })

  return [role('roles'), role('clusterroles'), binding('rolebindings'), binding('clusterrolebindings')]
}

const fullAuthority: readonly PolicyRule[] = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }]
const aggregates = (role: Role | ClusterRole): boolean => 'aggregationRule' in role && (role.aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0
const isSuperuser = ({ user }: WriteRequest): boolean => user.groups.includes(mastersGroup)

/** The garbage collector must be able to end what it could not have made. */
function changesOwnershipOnly(object: KubeObject, old: KubeObject): boolean {
  const rest = ({ metadata, ...others }: KubeObject): unknown => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managed, ...kept } = metadata
    return { ...others, metadata: kept }
  }
  return isDeepStrictEqual(rest(object), rest(old))
}
