import { nameIsDnsLabel, isQualifiedName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { rest, statusOnly } from '#apimachinery/subresources'
import { report } from '../../field-checks'
import { ageColumn, column, nameColumn } from '../../printing'
import { carryStatus } from '../../strategies'
import type { Namespace } from './types'

const standardFinalizers = new Set(['kubernetes', 'orphan', 'foregroundDeletion'])

export const namespaces = defineResource<Namespace>({
  group: '', version: 'v1', kind: 'Namespace', resource: 'namespaces', namespaced: false,
  shortNames: ['ns'],
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Namespace') } },
  subresources: {
    finalize: rest(['update'], { group: '', version: 'v1', kind: 'Namespace' }),
    status: statusOnly({
      validateUpdate({ metadata, status }, _old, errors) {
        const phase = metadata.deletionTimestamp ? 'Terminating' : 'Active'
        if (status.phase === phase) return
        const why = metadata.deletionTimestamp ? "may only be 'Terminating' if `deletionTimestamp` is not empty" : "may only be 'Active' if `deletionTimestamp` is empty"
        errors.at('status', 'Phase').invalid(status.phase, why)
      },
    }),
  },
  validateName: nameIsDnsLabel,

  defaults({ metadata }) {
    // Lets selectors name a namespace; nobody can take it off.
    if (metadata.name) (metadata.labels ??= {})['kubernetes.io/metadata.name'] = metadata.name
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' }
    // Keeps the namespace until the namespace controller has emptied it.
    const finalizers = (namespace.spec.finalizers ??= [])
    if (!finalizers.includes('kubernetes')) finalizers.push('kubernetes')
    // Only known once a generated name is there.
    if (namespace.metadata.name) (namespace.metadata.labels ??= {})['kubernetes.io/metadata.name'] = namespace.metadata.name
  },
  prepareForUpdate(namespace, old) {
    if (old.spec.finalizers) namespace.spec.finalizers = old.spec.finalizers
    else delete namespace.spec.finalizers
    carryStatus(namespace, old)
  },
  resetFields: [['status']],
  validate({ spec }, errors) {
    for (const finalizer of spec.finalizers ?? []) {
      report(errors.at('spec'), 'finalizers', finalizer, isQualifiedName(finalizer))
      if (!finalizer.includes('/') && !standardFinalizers.has(finalizer)) {
        errors.at('spec', 'finalizers').invalid(finalizer, 'name is neither a standard finalizer name nor is it fully qualified')
      }
    }
  },

  columns: [nameColumn, column('Status', ({ status }) => status.phase), ageColumn],
  selectableFields: { 'status.phase': ({ status }) => status.phase },
})
