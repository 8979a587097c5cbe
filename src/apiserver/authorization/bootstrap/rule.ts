import type { PolicyRule, Subject } from '#api/rbac/v1/types'

const words = (text: string): string[] => text.split(' ')

/** `allow('get list', 'core apps', 'pods deployments')`: lists are words; `core` is the group without a name. */
export function allow(verbs: string, groups: string, resources: string, names?: string): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: words(groups).map((group) => (group === 'core' ? '' : group)),
    resources: words(resources),
    ...(names === undefined ? {} : { resourceNames: words(names) }),
  }
}

/** Paths that are no resources: `url('get', '/healthz /livez')`. */
export const url = (verbs: string, paths: string): PolicyRule => ({ verbs: words(verbs), nonResourceURLs: words(paths) })

const apiGroup = 'rbac.authorization.k8s.io'
export const group = (name: string): Subject => ({ kind: 'Group', apiGroup, name })
export const user = (name: string): Subject => ({ kind: 'User', apiGroup, name })
export const serviceAccount = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace })
