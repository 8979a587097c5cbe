import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1035Label, isDns1123Subdomain } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { statusWithoutMetadata } from '#apimachinery/subresources'
import { validateConditions } from '../../conditions'
import { column, nameColumn } from '../../printing'
import { deprecation } from '../../same-shape'
import { semanticallyEqual } from '../../semantic-equality'
import { statusApart } from '../../strategies'
import type { StorageVersionMigration, StorageVersionMigrationSpec } from './types'

export const storageversionmigrations = defineResource<StorageVersionMigration>({
  group: 'storagemigration.k8s.io', version: 'v1beta1', kind: 'StorageVersionMigration', resource: 'storageversionmigrations', namespaced: false,
  versions: {
    'storagemigration.k8s.io/v1beta1': {
      schema: schemaIn(() => import('./types.gen'), 'StorageVersionMigration'), gate: 'StorageVersionMigrator',
      deprecated: deprecation('storagemigration.k8s.io/v1beta1', 'StorageVersionMigration', 38),
    },
  },
  subresources: { status: statusWithoutMetadata({ validateUpdate: validateStatus }) },
  allowUnconditionalUpdate: false,

  ...statusApart<StorageVersionMigration>(() => ({})),
  validate: ({ spec }, errors) => validateSpec(spec, errors.at('spec', 'resource')),
  validateUpdate({ spec }, old, errors) {
    // As the original keeps it inside.
    if (!semanticallyEqual(spec, old.spec)) errors.at('spec').invalid({ Resource: spec.resource }, 'field is immutable')
  },

  columns: [
    { ...nameColumn, format: '' },
    column('Resource', ({ spec: { resource: { group, resource } } }) => (group ? `${resource}.${group}` : resource)),
    column('Status', ({ status }) => (status.conditions ?? []).findLast(({ type, status: is }) => is === 'True' && ['Running', 'Failed', 'Succeeded'].includes(type))?.type ?? 'Unknown'),
  ],
})

function validateSpec({ resource: { group, resource } }: StorageVersionMigrationSpec, errors: FieldErrors): void {
  if (!resource) errors.at('resource').required('resource is required to be set')
  else refuse(errors.at('resource'), resource, isDns1035Label(resource))
  if (group) refuse(errors.at('group'), group, isDns1123Subdomain(group))
}

function refuse(errors: FieldErrors, value: string, messages: readonly string[]): void {
  if (messages.length > 0) errors.invalid(value, messages.join(','))
}

export const isTrue = ({ status }: StorageVersionMigration, type: string): boolean => (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')

/** A positive number without leading zeros. */
const wellFormed = /^[1-9]\d*$/

function validateStatus(migration: StorageVersionMigration, old: StorageVersionMigration, errors: FieldErrors): void {
  const at = errors.at('status')
  const { resourceVersion = '', conditions } = migration.status
  if (resourceVersion !== '' && !wellFormed.test(resourceVersion)) at.at('resourceVersion').invalid(resourceVersion, `resource version is not well formed: ${resourceVersion}`)
  validateConditions(at.at('conditions'), conditions)
  if (old.status.resourceVersion && old.status.resourceVersion !== resourceVersion) at.at('resourceVersion').invalid(resourceVersion, 'field is immutable')
  const [succeeded, failed] = [isTrue(migration, 'Succeeded'), isTrue(migration, 'Failed')]
  const shown = conditions ?? null
  if (succeeded && failed) at.at('conditions').invalid(shown, 'Both success and failed conditions cannot be true at the same time')
  if (isTrue(old, 'Succeeded') && !succeeded) at.at('conditions').invalid(shown, 'Success condition cannot be set to false once it is true')
  if (isTrue(old, 'Failed') && !failed) at.at('conditions').invalid(shown, 'Failed condition cannot be set to false once it is true')
}
