import { defineResource, schemaIn } from '#apimachinery/resource'
import { validateDriverName } from '#api/core/v1/volume-validation'
import { nonNegative, qualifiedName } from '../../field-checks'
import { ageColumn, integer, nameColumn } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import type { CSINode } from './types'

export const csinodes = defineResource<CSINode>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', resource: 'csinodes', namespaced: false,
  answersWithDeleted: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CSINode') } },
  allowUnconditionalUpdate: false,

  validate({ spec }, errors) {
    const names = new Set<string>()
    for (const [i, { name, nodeID, topologyKeys, allocatable }] of (spec.drivers ?? []).entries()) {
      const at = errors.at('spec', 'drivers', i)
      validateDriverName(name, at, 'name')
      if (!nodeID) at.at('nodeID').required()
      else if (nodeID.length > 256) at.at('nodeID').invalid(nodeID, 'must be 256 characters or less')
      if (allocatable) nonNegative(at.at('allocatable'), 'count', allocatable.count)
      for (const [j, key] of (topologyKeys ?? []).entries()) {
        if (topologyKeys!.indexOf(key) < j) at.at('topologyKeys').duplicate(key)
        qualifiedName(at, 'topologyKeys', key)
      }
      if (names.has(name)) at.at('name').duplicate(name)
      names.add(name)
    }
  },
  validateUpdate({ spec }, old, errors) {
    for (const driver of spec.drivers ?? []) {
      const before = (old.spec.drivers ?? []).find((other) => other.name === driver.name)
      const fixed = ({ allocatable: _allocatable, ...rest }: typeof driver): object => rest
      if (before && !semanticallyEqual(fixed(driver), fixed(before))) errors.at('CSINodeDriver').invalid(driver, 'field is immutable')
    }
  },
  columns: [nameColumn, integer('Drivers', ({ spec }) => spec.drivers?.length), ageColumn],
})
