import { defineResource, schemaIn } from '#apimachinery/resource'
import type { ObjectSubresource } from '#apimachinery/resource'
import { rest } from '#apimachinery/subresources'
import { ipWarnings } from '../../ip-checks'
import { bumpGenerationWhenSpecChanges } from '../../strategies'
import { validateImageOfPod } from './container-validation'
import { validatePodAnnotations, validatePodAnnotationsUpdate, validateProfilesAgree } from './pod-annotations'
import { podColumns } from './pod-columns'
import { defaultPod } from './pod-defaults'
import { dropDisabledPodFields } from './pod-gates'
import { validatePodSpec } from './pod-spec-validation'
import { validatePodStatusUpdate } from './pod-status-validation'
import { defaultPodStatus, podGracePeriod, prepareEphemeralContainers, prepareNewPod, preparePodStatus, prepareResize } from './pod-strategy'
import { validateEphemeralContainersUpdate, validatePodUpdate, validateResize } from './pod-update-validation'
import { podWarnings } from './pod-warnings'
import { validateTokensHaveAccount } from './volume-validation'
import type { FieldErrors } from '#apimachinery/field-errors'
import type { Pod } from './types'

const ephemeralContainers: ObjectSubresource<Pod> = {
  sort: 'object',
  metadataChecks: { whole: 1, update: 1 },
  prepareForUpdate: prepareEphemeralContainers,
  validateUpdate(pod, old, errors) {
    validateAnnotationsUpdate(pod, old, errors)
    validatePod(pod, errors)
    validateEphemeralContainersUpdate(pod, old, errors)
  },
  onlyFields: [['spec', 'ephemeralContainers']],
}
const resize: ObjectSubresource<Pod> = {
  sort: 'object',
  metadataChecks: { whole: 1, update: 1 },
  prepareForUpdate: prepareResize,
  validate: validatePod,
  validateUpdate: validateResize,
  onlyFields: ['containers', 'initContainers'].flatMap((list) => ['resources', 'resizePolicy'].map((field) => ['spec', list, '*', field])),
}
const status: ObjectSubresource<Pod> = {
  sort: 'object',
  prepareForUpdate: preparePodStatus,
  validateUpdate(pod, old, errors) {
    validateAnnotationsUpdate(pod, old, errors)
    validatePodStatusUpdate(pod, old, errors)
  },
  warnings: ({ status: { podIPs, hostIPs } }) => [
    ...(podIPs ?? []).flatMap(({ ip }, i) => ipWarnings(`status.podIPs[${i}].ip`, ip)),
    ...(hostIPs ?? []).flatMap(({ ip }, i) => ipWarnings(`status.hostIPs[${i}].ip`, ip)),
  ],
  resetFields: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
}

export const pods = defineResource<Pod>({
  group: '', version: 'v1', kind: 'Pod', resource: 'pods', namespaced: true,
  shortNames: ['po'],
  categories: ['all'],
  answersWithDeleted: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Pod') } },
  subresources: {
    attach: rest(['create', 'get'], { group: '', version: 'v1', kind: 'PodAttachOptions' }),
    binding: rest(['create'], { group: '', version: 'v1', kind: 'Binding' }),
    ephemeralcontainers: ephemeralContainers,
    eviction: rest(['create'], { group: 'policy', version: 'v1', kind: 'Eviction' }),
    exec: rest(['create', 'get'], { group: '', version: 'v1', kind: 'PodExecOptions' }),
    log: rest(['get'], { group: '', version: 'v1', kind: 'Pod' }),
    portforward: rest(['create', 'get'], { group: '', version: 'v1', kind: 'PodPortForwardOptions' }),
    proxy: rest(['create', 'delete', 'get', 'patch', 'update'], { group: '', version: 'v1', kind: 'PodProxyOptions' }),
    resize,
    status,
  },

  defaults(pod) {
    defaultPod(pod.spec)
    if (pod.status) defaultPodStatus(pod)
  },
  prepareForCreate: prepareNewPod,
  prepareForUpdate(pod, old, context) {
    pod.status = old.status
    dropDisabledPodFields(pod.spec, old.spec, context)
    bumpGenerationWhenSpecChanges(pod, old)
  },
  resetFields: [['status']],
  validateCreate(pod, errors) {
    validatePodAnnotations(pod.metadata.annotations, pod.spec, errors.at('metadata', 'annotations'))
    validatePod(pod, errors)
    if (pod.spec.ephemeralContainers?.length) errors.at('spec', 'ephemeralContainers').forbidden('cannot be set on create')
    if (pod.spec.nodeName && pod.spec.schedulingGates?.length) {
      errors.at('spec', 'nodeName').forbidden('cannot be set until all schedulingGates have been cleared')
    }
    validateProfilesAgree(pod.metadata.annotations, pod.spec, errors.at('spec'))
  },
  validateUpdate(pod, old, errors) {
    validateAnnotationsUpdate(pod, old, errors)
    // The very spec that stood there was judged when it came, and nothing of it depends on metadata that can change.
    if (pod.spec === old.spec) return
    validatePod(pod, errors)
    validatePodUpdate(pod, old, errors)
  },
  warnings: podWarnings,
  gracePeriodSeconds: podGracePeriod,

  columns: podColumns,
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.host': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy,
    'spec.schedulerName': ({ spec }) => spec.schedulerName,
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': (pod) => pod.status.phase ?? '',
    'status.podIP': (pod) => pod.status.podIPs?.[0]?.ip ?? '',
    'status.podIPs': (pod) => pod.status.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': (pod) => pod.status.nominatedNodeName ?? '',
  },
})

function validateAnnotationsUpdate({ metadata, spec }: Pod, old: Pod, errors: FieldErrors): void {
  if (metadata.annotations === undefined && old.metadata.annotations === undefined) return
  const at = errors.at('metadata', 'annotations')
  validatePodAnnotationsUpdate(metadata.annotations, old.metadata.annotations, at)
  validatePodAnnotations(metadata.annotations, spec, at)
}

function validatePod(pod: Pod, errors: FieldErrors): void {
  const at = errors.at('spec')
  validatePodSpec(pod.spec, pod.metadata, at)
  if (pod.spec.volumes) validateTokensHaveAccount(pod.spec, at)
  const { containers, initContainers } = pod.spec
  if (containers) for (let i = 0; i < containers.length; i++) trimmed(containers[i]!.image, 'containers', i, at)
  if (initContainers) for (let i = 0; i < initContainers.length; i++) trimmed(initContainers[i]!.image, 'initContainers', i, at)
}

function trimmed(image: string | undefined, list: string, index: number, errors: FieldErrors): void {
  if (image && image.trim() !== image) validateImageOfPod({ image }, errors.at(list, index))
}
