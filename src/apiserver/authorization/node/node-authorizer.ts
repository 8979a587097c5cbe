import { nodeOf } from '../../authentication/users'
import type { Attributes, Authorizer, Decision, RuleResolver } from '../authorizer'
import { clusterRoleRules } from '../bootstrap/cluster-roles'
import { ruleAllows } from '../rules'
import { fieldRequirements } from '../subject-access-review'
import { readOnlyVerbs } from '../verbs'
import type { Related, Relations } from './relations'

const allow: Decision = { verdict: 'allow', reason: '' }
const no = (reason = ''): Decision => ({ verdict: 'no-opinion', reason })
const leaseVerbs = new Set(['get', 'create', 'update', 'patch', 'delete'])

/**
 * A kubelet may read what its own pods use, and nothing else of that sort. What it may write is left to the NodeRestriction
 * admission plugin, since that sees the objects.
 */
export function nodeAuthorizer(relations: Relations): Authorizer & RuleResolver {
  const related = (node: string, sort: Related, { namespace, name }: Attributes): Decision => {
    if (name === '') return no('No Object name found')
    return relations.uses(node, sort, namespace, name) ? allow : stranger(node)
  }

  const read = (node: string, sort: Related, attributes: Attributes): Decision => {
    if (!readOnlyVerbs.has(attributes.verb)) return no('can only read resources of this type')
    if (attributes.subresource !== '') return no('cannot read subresource')
    if (attributes.namespace === '') return no('can only read namespaced object of this type')
    return related(node, sort, attributes)
  }

  const getOne = ({ verb, subresource, name }: Attributes, isRelated: () => boolean, node: string): Decision => {
    if (verb !== 'get') return no('can only get individual resources of this type')
    if (subresource !== '') return no('cannot get subresource')
    if (name === '') return no('No Object name found')
    return isRelated() ? allow : stranger(node)
  }

  const serviceAccount = (node: string, attributes: Attributes): Decision => {
    const { verb, subresource, name } = attributes
    if (verb === 'get' && subresource === '') return read(node, 'serviceaccounts', attributes)
    if (verb !== 'create' || name === '') return no('can only create tokens for individual service accounts')
    if (subresource !== 'token') return no('can only create token subresource of serviceaccount')
    return related(node, 'serviceaccounts', attributes)
  }

  const claim = (node: string, attributes: Attributes): Decision => {
    if (attributes.subresource !== 'status') return getOne(attributes, () => relations.uses(node, 'persistentvolumeclaims', attributes.namespace, attributes.name), node)
    if (attributes.verb !== 'update' && attributes.verb !== 'patch') return no('can only get/update/patch this type')
    return related(node, 'persistentvolumeclaims', attributes)
  }

  const pod = (node: string, { verb, subresource, namespace, name, fieldSelector }: Attributes): Decision => {
    if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allow : no()
    if (subresource === 'eviction') return verb === 'create' ? allow : no()
    if (subresource !== '') return no()
    if (verb === 'create' || verb === 'delete') return allow
    if (!readOnlyVerbs.has(verb)) return no()
    if (verb !== 'get' && selects(fieldSelector, 'spec.nodeName', node)) return allow
    if (name !== '') return relations.runs(node, namespace, name) ? allow : stranger(node)
    return verb === 'get' ? no('No Object name found') : no('can only list/watch pods with spec.nodeName field selector')
  }

  const resourceSlice = (node: string, { verb, subresource, name, fieldSelector }: Attributes): Decision => {
    if (subresource !== '') return no('cannot authorize ResourceSlice subresources')
    switch (verb) {
      // Whose it is stands in itself: NodeRestriction looks.
      case 'create': return allow
      case 'get': case 'update': case 'patch': case 'delete':
        if (name === '') return no('No Object name found')
        return relations.publishes(node, name) ? allow : stranger(node)
      case 'watch': case 'list': case 'deletecollection':
        return selects(fieldSelector, 'spec.nodeName', node) ? allow : no('can only list/watch/deletecollection resourceslices with nodeName field selector')
      default: return no('only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection')
    }
  }

  const decide = (node: string, attributes: Attributes): Decision | undefined => {
    const { group, resource, namespace, name } = attributes
    switch (group === '' ? resource : `${resource}.${group}`) {
      case 'secrets': return read(node, 'secrets', attributes)
      case 'configmaps': return read(node, 'configmaps', attributes)
      case 'persistentvolumeclaims': return claim(node, attributes)
      case 'persistentvolumes': return getOne(attributes, () => relations.usesVolume(node, name), node)
      case 'volumeattachments.storage.k8s.io': return getOne(attributes, () => relations.isAttachedTo(node, name), node)
      case 'resourceclaims.resource.k8s.io': return getOne(attributes, () => relations.uses(node, 'resourceclaims', namespace, name), node)
      case 'serviceaccounts': return serviceAccount(node, attributes)
      case 'leases.coordination.k8s.io': return lease(node, attributes)
      case 'csinodes.storage.k8s.io': return csiNode(node, attributes)
      case 'nodes': return nodeItself(node, attributes)
      case 'pods': return pod(node, attributes)
      case 'resourceslices.resource.k8s.io': return resourceSlice(node, attributes)
      // Behind a gate that is off, and so not even what the rules of nodes would allow.
      case 'podcertificaterequests.certificates.k8s.io': return no()
      default: return undefined
    }
  }

  return {
    authorize(attributes) {
      const node = nodeOf(attributes.user)
      if (node === undefined) return no()
      if (node === '') return no(`unknown node for user ${JSON.stringify(attributes.user.name)}`)
      const decision = attributes.isResource ? decide(node, attributes) : undefined
      if (decision) return decision
      return clusterRoleRules['system:node']!.some((rule) => ruleAllows(rule, attributes)) ? allow : no()
    },
    rulesFor: (user) => ({
      resourceRules: [], nonResourceRules: [], incomplete: nodeOf(user) !== undefined,
      ...(nodeOf(user) === undefined ? {} : { evaluationError: 'node authorizer does not support user rule resolution' }),
    }),
  }
}

const stranger = (node: string): Decision => no(`no relationship found between node '${node}' and this object`)

/** Whether a field selector pins a field to a value. */
const selects = (selector: string | undefined, field: string, value: string): boolean =>
  fieldRequirements(selector).some(({ key, operator, values = [] }) => key === field && operator === 'In' && values[0] === value)

function lease(node: string, { verb, namespace, name }: Attributes): Decision {
  if (!leaseVerbs.has(verb)) return no('can only get, create, update, patch, or delete a node lease')
  if (namespace !== 'kube-node-lease') return no('can only access leases in the "kube-node-lease" system namespace')
  // A create does not say the name here: NodeRestriction looks.
  return verb === 'create' || name === node ? allow : no('can only access node lease with the same name as the requesting node')
}

function csiNode(node: string, { verb, subresource, name }: Attributes): Decision {
  if (!leaseVerbs.has(verb)) return no('can only get, create, update, patch, or delete a CSINode')
  if (subresource !== '') return no('cannot authorize CSINode subresources')
  return verb === 'create' || name === node ? allow : no('can only access CSINode with the same name as the requesting node')
}

function nodeItself(node: string, { verb, subresource, name }: Attributes): Decision {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allow : no()
  if (subresource !== '') return no()
  if (verb === 'create' || verb === 'update' || verb === 'patch') return allow
  if (!readOnlyVerbs.has(verb)) return no()
  if (name === node) return allow
  return no(name === '' ? `node '${node}' cannot read all nodes, only its own Node object` : `node '${node}' cannot read '${name}', only its own Node object`)
}
