// Which requests webhooks and policies ask for: what both say in their rules.
import type { FieldErrors } from '#apimachinery/field-errors'
import { optionalOneOf } from '../../field-checks'
import type { RuleWithOperations } from './types'

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']

export function validateRule({ operations: asked = [], apiGroups = [], apiVersions = [], resources = [], scope }: RuleWithOperations, errors: FieldErrors): void {
  if (asked.length === 0) errors.at('operations').required()
  if (asked.length > 1 && asked.includes('*')) errors.at('operations').invalid(asked, "if '*' is present, must not specify other operations")
  for (const [i, operation] of asked.entries()) if (!operations.includes(operation)) errors.at('operations', i).notSupported(operation, operations)
  for (const [field, list] of [['apiGroups', apiGroups], ['apiVersions', apiVersions]] as const) {
    if (list.length === 0) errors.at(field).required()
    if (list.length > 1 && list.includes('*')) errors.at(field).invalid(list, `if '*' is present, must not specify other ${field === 'apiGroups' ? 'API groups' : 'API versions'}`)
  }
  for (const [i, version] of apiVersions.entries()) if (version === '') errors.at('apiVersions', i).required()
  validateResources(resources, errors.at('resources'))
  optionalOneOf(errors, 'scope', scope, ['*', 'Cluster', 'Namespaced'])
}

/** `pods`, `pods/status`, `pods/*`, and with wildcards: none may say again what another says. */
function validateResources(resources: readonly string[], errors: FieldErrors): void {
  if (resources.length === 0) errors.required()
  const allBelow = new Set<string>()
  const allWith = new Set<string>()
  let plain = false
  for (const [i, one] of resources.entries()) {
    if (one === '') {
      errors.at(i).required()
      continue
    }
    const slash = one.indexOf('/')
    if (slash < 0) {
      plain = one !== '*'
      continue
    }
    const [resource, below] = [one.slice(0, slash), one.slice(slash + 1)]
    if (allBelow.has(resource)) errors.at(i).invalid(one, `if '${resource}/*' is present, must not specify ${one}`)
    if (allWith.has(below)) errors.at(i).invalid(one, `if '*/${below}' is present, must not specify ${one}`)
    if (below === '*') allBelow.add(resource)
    if (resource === '*') allWith.add(below)
  }
  if (resources.length > 1 && resources.includes('*/*')) errors.invalid(resources, "if '*/*' is present, must not specify other resources")
  if (resources.includes('*') && plain) errors.invalid(resources, "if '*' is present, must not specify other resources without subresources")
}
