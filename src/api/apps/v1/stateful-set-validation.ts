import { FieldErrors } from '#apimachinery/field-errors'
import { validatePodAnnotations } from '#api/core/v1/pod-annotations'
import { validatePodTemplateSpec } from '#api/core/v1/pod-template-spec'
import type { PodTemplateSpec, Volume } from '#api/core/v1/types'
import { annotations, labels, nonNegative } from '../../field-checks'
import { isZero, notAbove100Percent, positiveIntOrPercent } from '../../int-or-percent'
import { semanticallyEqual } from '../../semantic-equality'
import { validateMatch, validateRunsForever, validateSelector } from './running-template'
import type { RollingUpdateStatefulSetStrategy, StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from './types'

/** `template`: whether what the pods are made of is looked at. */
export function validateStatefulSetSpec(spec: StatefulSetSpec, errors: FieldErrors, template = true): void {
  const { podManagementPolicy: management, persistentVolumeClaimRetentionPolicy: policy } = spec
  if (!management) errors.at('podManagementPolicy').required()
  else if (management !== 'OrderedReady' && management !== 'Parallel') errors.at('podManagementPolicy').invalid(management, "must be 'OrderedReady' or 'Parallel'")
  validateStrategy(spec.updateStrategy, errors.at('updateStrategy'))
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const kept = policy?.[field]
    if (policy && kept !== 'Retain' && kept !== 'Delete') errors.at('persistentVolumeClaimRetentionPolicy', field).notSupported(kept ?? '', ['Retain', 'Delete'])
  }
  nonNegative(errors, 'replicas', spec.replicas)
  nonNegative(errors, 'minReadySeconds', spec.minReadySeconds)
  nonNegative(errors, 'ordinals.start', spec.ordinals?.start)
  if (validateSelector(spec, 'statefulset', '', errors)) {
    validateMatch(spec, errors)
    validateTemplate(asRun(spec), template, errors.at('template'))
  }
  validateRunsForever(spec.template, 'StatefulSet', errors.at('template'))
}

function validateTemplate(template: PodTemplateSpec, whole: boolean, errors: FieldErrors): void {
  const { metadata, spec } = template
  if (whole) validatePodTemplateSpec(template, errors)
  // Looked at again, under names that are not quite theirs, as in the original.
  labels(errors, 'labels', metadata?.labels)
  if (metadata?.annotations) annotations(errors, 'annotations', metadata.annotations)
  validatePodAnnotations(metadata?.annotations, spec, errors.at('annotations'))
}

/** What the controller makes pods of: names are theirs, and the set's claims come before volumes of the same names. */
function asRun({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const { subdomain: _subdomain, hostname: _hostname, ...spec } = template.spec
  if (volumeClaimTemplates.length === 0) return { ...template, spec }
  const claims = new Map(volumeClaimTemplates.map(({ metadata }): [string, Volume] => {
    const name = metadata?.name ?? ''
    return [name, { name, persistentVolumeClaim: { claimName: name } }]
  }))
  const volumes = [...claims.values(), ...(spec.volumes ?? []).filter(({ name }) => !claims.has(name))]
  return { ...template, spec: { ...spec, volumes } }
}

function validateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy, errors: FieldErrors): void {
  if (!type) errors.required()
  else if (type === 'OnDelete') {
    if (rollingUpdate) errors.at('rollingUpdate').invalid(internal(rollingUpdate), "only allowed for updateStrategy 'RollingUpdate'")
  } else if (type !== 'RollingUpdate') {
    errors.invalid({ Type: type, RollingUpdate: rollingUpdate ? internal(rollingUpdate) : null }, "must be 'RollingUpdate' or 'OnDelete'")
  } else if (rollingUpdate) {
    const at = errors.at('rollingUpdate')
    nonNegative(at, 'partition', rollingUpdate.partition)
    const most = rollingUpdate.maxUnavailable
    if (most === undefined) return
    positiveIntOrPercent(at, 'maxUnavailable', most)
    if (isZero(most)) at.at('maxUnavailable').invalid(most, 'cannot be 0')
    notAbove100Percent(at, 'maxUnavailable', most)
  }
}

const internal = ({ partition, maxUnavailable }: RollingUpdateStatefulSetStrategy): object => ({ Partition: partition ?? 0, MaxUnavailable: maxUnavailable ?? null })

/** What an update may change; pods that run already could not follow any other change. */
const changeable: readonly string[] = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds']

export function validateStatefulSetUpdate({ spec }: StatefulSet, { spec: old }: StatefulSet, errors: FieldErrors): void {
  const trial = new FieldErrors()
  validateStatefulSetSpec(spec, trial)
  if (trial.any) {
    // A set whose template was let through once can still be scaled.
    const before = new FieldErrors()
    validateStatefulSetSpec(old, before)
    validateStatefulSetSpec(spec, errors.at('spec'), !before.any)
  }
  if (!semanticallyEqual(fixed(spec), fixed(old))) {
    errors.at('spec').forbidden(
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    )
  }
}

const fixed = (spec: StatefulSetSpec): object => Object.fromEntries(Object.entries(spec).filter(([field]) => !changeable.includes(field)))
