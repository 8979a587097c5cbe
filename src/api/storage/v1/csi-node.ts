import { isQualifiedName } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { validateDriverName } from '#api/core/v1/volume-validation'
import { nonNegative } from '../../field-checks'
import { ageColumn, integer, nameColumn } from '../../printing'
import { immutable } from '../../strategies'
import type { CSINode, CSINodeDriver } from './types'

export const csinodes = defineResource<CSINode>({
  group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', resource: 'csinodes', namespaced: false,
  answersWithDeleted: true,
  versions: { 'storage.k8s.io/v1': { schema: schemaIn(() => import('./types.gen'), 'CSINode') } },
  metadataChecks: { whole: 1, update: 0 },
  allowUnconditionalUpdate: false,

  validate({ spec }, errors) {
    const names = new Set<string>()
    for (const [i, { name, nodeID, topologyKeys, allocatable }] of (spec.drivers ?? []).entries()) {
      const at = errors.at('spec', 'drivers', i)
      validateDriverName(name, at, 'name')
      if (!nodeID) at.at('nodeID').required()
      else if (nodeID.length > 256) at.at('nodeID').invalid(nodeID, 'must be 256 characters or less')
      if (allocatable) nonNegative(at.at('allocatable'), 'count', allocatable.count)
      if (names.has(name)) at.at('name').duplicate(name)
      names.add(name)
      for (const [j, key] of (topologyKeys ?? []).entries()) {
        if (key === '') at.required()
        if (topologyKeys!.indexOf(key) < j) at.duplicate(key)
        for (const message of isQualifiedName(key)) at.invalid(key, message)
      }
    }
  },
  validateUpdate({ spec }, old, errors) {
    for (const before of old.spec.drivers ?? []) {
      for (const driver of spec.drivers ?? []) if (driver.name === before.name) immutable(errors.at('spec'), 'drivers', internalDriver(driver), internalDriver(before))
    }
  },
  columns: [nameColumn, integer('Drivers', ({ spec }) => spec.drivers?.length), ageColumn],
})

/** As the original's messages show it. How many volumes a node can have may change as long as it runs. */
const internalDriver = ({ name, nodeID, topologyKeys }: CSINodeDriver): object => ({ Name: name, NodeID: nodeID, TopologyKeys: topologyKeys ?? null, Allocatable: null })
