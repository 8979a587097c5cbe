import { defineResource, schemaIn } from '#apimachinery/resource'
import { oneOf } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { immutable, nextGeneration, startGeneration } from '../../strategies'
import type { PriorityClass } from './types'

const highestUserPriority = 1_000_000_000
const systemClasses: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 }

export const priorityclasses = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', resource: 'priorityclasses', namespaced: false,
  shortNames: ['pc'],
  versions: { 'scheduling.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'PriorityClass') } },
  metadataChecks: { whole: 0, update: 1 },

  prepareForCreate: startGeneration,
  prepareForUpdate: (object, old) => nextGeneration(object, old, false),
  validateCreate({ metadata, value, globalDefault, preemptionPolicy }, errors) {
    if (metadata.name?.startsWith('system-')) {
      const problem = systemProblem(metadata.name, value, globalDefault)
      if (problem) errors.at('metadata', 'name').forbidden(`priority class names with 'system-' prefix are reserved for system use only. error: ${problem}`)
    } else if (value > highestUserPriority) errors.at('value').forbidden(`maximum allowed value of a user defined priority is ${highestUserPriority}`)
    if (preemptionPolicy !== undefined) oneOf(errors, 'preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never'])
  },
  validateUpdate(object, old, errors) {
    if (object.value !== old.value) errors.at('value').forbidden('may not be changed in an update.')
    immutable(errors, 'preemptionPolicy', object.preemptionPolicy, old.preemptionPolicy)
  },

  columns: [
    nameColumn,
    { name: 'Value', type: 'integer', value: ({ value }) => value },
    { name: 'Global-Default', type: 'boolean', value: ({ globalDefault }) => globalDefault ?? false },
    ageColumn,
    column('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ],
})

function systemProblem(name: string, value: number, globalDefault: boolean | undefined): string | undefined {
  const known = systemClasses[name]
  if (known === undefined) return `${name} is not a known system priority class`
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}
