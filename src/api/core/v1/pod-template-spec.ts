// What everything with a pod template says about it.
import type { FieldErrors } from '#apimachinery/field-errors'
import { validatePodAnnotations, validateProfilesAgree } from './pod-annotations'
import { validatePodSpec } from './pod-spec-validation'
import { validateLabelsAndAnnotations } from './template-meta-validation'
import type { PodTemplateSpec } from './types'

export function validatePodTemplateSpec(template: PodTemplateSpec, errors: FieldErrors): void {
  // The original leaves the metadata out of these paths.
  validateLabelsAndAnnotations(template.metadata, errors)
  const { annotations } = template.metadata ?? {}
  validatePodAnnotations(annotations, template.spec, errors.at('annotations'))
  validatePodSpec(template.spec, undefined, errors.at('spec'))
  validateProfilesAgree(annotations, template.spec, errors.at('spec'))
  if (template.spec.ephemeralContainers) errors.at('spec', 'ephemeralContainers').forbidden('ephemeral containers not allowed in pod template')
}

/** Of controllers whose pods run until they are told to stop. */
export function validateRunningTemplate(template: PodTemplateSpec, owner: string, errors: FieldErrors): void {
  validatePodTemplateSpec(template, errors)
  const { restartPolicy, activeDeadlineSeconds } = template.spec
  if (restartPolicy !== 'Always' && restartPolicy !== undefined) errors.at('spec', 'restartPolicy').notSupported(restartPolicy, ['Always'])
  if (activeDeadlineSeconds !== undefined) errors.at('spec', 'activeDeadlineSeconds').forbidden(`activeDeadlineSeconds in ${owner} is not Supported`)
}
