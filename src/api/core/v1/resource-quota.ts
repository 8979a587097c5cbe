import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusOnly } from '#apimachinery/subresources'
import { ageColumn, column, nameColumn } from '../../printing'
import { statusApart } from '../../strategies'
import { isHugePages, resourceName } from './resource-names'
import { resourceQuantity } from './resource-requirements-validation'
import type { ResourceQuota, ResourceQuotaSpec, ResourceQuotaStatus, ScopedResourceSelectorRequirement } from './types'

const scopes = new Set(['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity', 'VolumeAttributesClass'])
const standard = new Set([
  'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.storage', 'requests.ephemeral-storage', 'limits.cpu',
  'limits.memory', 'limits.ephemeral-storage', 'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'persistentvolumeclaims',
  'configmaps', 'services.nodeports', 'services.loadbalancers',
])
const compute = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory', 'pods'])
const ofPods = new Set([...compute, 'ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage'])
const pairs = [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']] as const

export const resourcequotas = defineResource<ResourceQuota>({
  group: '', version: 'v1', kind: 'ResourceQuota', resource: 'resourcequotas', namespaced: true,
  shortNames: ['quota'],
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ResourceQuota') } },
  metadataChecks: { whole: 0, update: 1 },
  subresources: { status: statusOnly({ validateUpdate: ({ status }, _old, errors) => validateStatus(status, errors.at('status')) }) },

  ...statusApart<ResourceQuota>(() => ({})),
  validate({ spec }, errors) {
    const at = errors.at('spec')
    validateAmounts(spec.hard, at.at('hard'))
    validateScopes(spec, at.at('scopes'))
    if (spec.scopeSelector) validateScopeSelector(spec, at.at('scopeSelector', 'matchExpressions'))
  },
  validateUpdate({ spec }, old, errors) {
    const text = (list: readonly string[] | undefined): string => [...new Set(list)].toSorted().join()
    if (text(spec.scopes) !== text(old.spec.scopes)) errors.at('spec', 'scopes').invalid(spec.scopes ?? null, 'field is immutable')
  },

  columns: [
    nameColumn,
    column('Request', ({ status }) => amountsText(status, false)),
    column('Limit', ({ status }) => amountsText(status, true)),
    ageColumn,
  ],
})

function validateStatus({ hard, used }: ResourceQuotaStatus, errors: FieldErrors): void {
  validateAmounts(hard, errors.at('hard'))
  validateAmounts(used, errors.at('used'))
}

function validateAmounts(amounts: Readonly<Record<string, string>> | undefined, errors: FieldErrors): void {
  for (const name in amounts) {
    const at = errors.key(name)
    resourceName(at, name)
    if (!name.includes('/') && !isStandard(name)) at.invalid(name, 'must be a standard resource for quota')
    resourceQuantity(at, name, amounts[name]!)
  }
}

const isStandard = (name: string): boolean => standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')

function scopeFits(scope: string, resource: string): boolean {
  if (scope === 'Terminating' || scope === 'NotTerminating' || scope === 'NotBestEffort') return ofPods.has(resource)
  if (scope === 'BestEffort') return resource === 'pods'
  if (scope === 'PriorityClass' || scope === 'CrossNamespacePodAffinity') return ofPods.has(resource)
  if (scope === 'VolumeAttributesClass') return resource === 'persistentvolumeclaims' || resource === 'requests.storage'
  return true
}

function validateScopes({ scopes: named = [], hard }: ResourceQuotaSpec, errors: FieldErrors): void {
  for (const scope of named) {
    if (!scopes.has(scope)) errors.invalid(named, 'unsupported scope')
    for (const resource in hard) {
      if (isStandard(resource) && !scopeFits(scope, resource)) errors.invalid(named, 'unsupported scope applied to resource')
    }
  }
  for (const [a, b] of pairs) if (named.includes(a) && named.includes(b)) errors.invalid(named, 'conflicting scopes')
}

function validateScopeSelector(spec: ResourceQuotaSpec, errors: FieldErrors): void {
  const requirements = spec.scopeSelector!.matchExpressions ?? []
  for (const requirement of requirements) {
    const { scopeName } = requirement
    if (!scopes.has(scopeName)) errors.at('scopeName').invalid(scopeName, 'unsupported scope')
    for (const resource in spec.hard) {
      if (isStandard(resource) && !scopeFits(scopeName, resource)) errors.invalid(selectorInGo(requirements), 'unsupported scope applied to resource')
    }
    validateOperator(requirement, errors)
  }
  for (const pair of pairs) {
    if (pair.every((scope) => requirements.some((requirement) => requirement.scopeName === scope))) errors.invalid(spec.scopes ?? null, 'conflicting scopes')
  }
}

/** As Go prints its internal structure, which the original shows. */
const selectorInGo = (requirements: readonly ScopedResourceSelectorRequirement[]): unknown =>
  ({ MatchExpressions: requirements.map(({ scopeName, operator, values }) => ({ ScopeName: scopeName, Operator: operator, Values: values ?? null })) })

function validateOperator({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, errors: FieldErrors): void {
  if (scopeName !== 'PriorityClass' && scopeName !== 'VolumeAttributesClass' && scopes.has(scopeName) && operator !== 'Exists') {
    errors.at('operator').invalid(operator,
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity")
  }
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.at('values').required("must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.at('values').invalid(values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")
  } else errors.at('operator').invalid(operator, 'not a valid selector operator')
}

function amountsText({ hard = {}, used = {} }: ResourceQuotaStatus, limits: boolean): string {
  const names = Object.keys(hard).toSorted().filter((name) => name.startsWith('limits.') === limits)
  return names.map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`).join(', ')
}
