import { wholeNameIsDnsSubdomain } from '#apimachinery/names'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { scaleThrough, statusOnly } from '#apimachinery/subresources'
import { validateReplicaStatus } from '#api/apps/v1/replica-set'
import { nameWarnings } from '#api/apps/v1/running-template'
import { nonNegative } from '../../field-checks'
import { ageColumn, containerColumns, formatLabels, integer, nameColumn, wide } from '../../printing'
import { semanticallyEqual } from '../../semantic-equality'
import { generationAndStatus } from '../../strategies'
import { defaultPodSpec } from './pod-defaults'
import { withGatedTemplate } from './pod-gates'
import { validateRunningTemplate } from './pod-template-spec'
import { podTemplateWarnings } from './pod-warnings'
import type { ReplicationController } from './types'

export const replicationcontrollers = defineResource<ReplicationController>({
  group: '', version: 'v1', kind: 'ReplicationController', resource: 'replicationcontrollers', namespaced: true,
  shortNames: ['rc'],
  categories: ['all'],
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'ReplicationController') } },
  // Names are declared here to be long ones, which are counted in bytes.
  validateName: (name, prefix) => wholeNameIsDnsSubdomain(name, prefix).map((text) => (text.startsWith('must be no more') ? text.replace('characters', 'bytes') : text)),
  metadataChecks: { whole: 0, update: 1 },
  subresources: {
    scale: scaleThrough('spec.replicas', 'status.replicas', 'spec.selector'),
    status: statusOnly({ validateUpdate: ({ status }, _old, errors) => validateReplicaStatus(status, errors.at('status')) }),
  },
  defaultGarbageCollection: 'orphan',

  ...withGatedTemplate<ReplicationController>(({ spec }) => spec.template?.spec, generationAndStatus(() => ({ replicas: 0 }))),
  defaults({ metadata, spec }) {
    if (!spec.template) return
    const labels = spec.template.metadata.labels
    if (labels) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
      if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
    }
    defaultPodSpec(spec.template.spec)
  },
  validate({ spec }, errors) {
    const at = errors.at('spec')
    nonNegative(at, 'minReadySeconds', spec.minReadySeconds)
    const selector = spec.selector ?? {}
    if (Object.keys(selector).length === 0) at.at('selector').required()
    nonNegative(at, 'replicas', spec.replicas)
    if (!spec.template) return at.at('template').required()
    const labels = spec.template.metadata.labels ?? {}
    if (Object.keys(selector).length > 0 && Object.keys(selector).some((key) => labels[key] !== selector[key])) {
      at.at('template', 'metadata', 'labels').invalid(spec.template.metadata.labels ?? null, '`selector` does not match template `labels`')
    }
    validateRunningTemplate(spec.template, 'ReplicationController', at.at('template'))
  },
  warnings({ metadata, spec }, old) {
    const { template } = old?.spec ?? spec
    // The original takes the template before for the one after, and so warns of what stood there.
    const found = template && !(old && semanticallyEqual(old.spec, spec)) ? podTemplateWarnings(template, undefined, 'spec.template') : []
    return old ? found : [...nameWarnings(metadata.name), ...found]
  },

  columns: [
    nameColumn,
    integer('Desired', ({ spec }) => spec.replicas),
    integer('Current', ({ status }) => status.replicas),
    integer('Ready', ({ status }) => status.readyReplicas),
    ageColumn,
    ...containerColumns<ReplicationController>(({ spec }) => spec.template?.spec.containers),
    wide('Selector', ({ spec }) => formatLabels(spec.selector)),
  ],
  selectableFields: { 'status.replicas': ({ status }) => String(status.replicas) },
})
