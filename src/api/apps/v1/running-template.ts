// What workloads that run until they are told to stop say about their templates.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import { isDns1123Label } from '#apimachinery/names'
import { validatePodTemplateSpec } from '#api/core/v1/pod-template-spec'
import type { PodTemplateSpec } from '#api/core/v1/types'
import { labelSelector } from '../../field-checks'
import { isReadable, selectorMatches, shownLabels, shownSelector } from '../../label-matching'
import { semanticallyEqual } from '../../semantic-equality'

export interface Templated {
  readonly selector?: LabelSelector | null
  readonly template: PodTemplateSpec
}

/**
 * `spec.selector`: there, sound, and not for everything. True where it can be read: of the template behind one that cannot be, nothing
 * is said. `unreadable`: what the kind adds then.
 */
export function validateSelector({ selector }: Templated, kind: string, unreadable: string, errors: FieldErrors): boolean {
  if (!selector) errors.at('selector').required()
  else {
    labelSelector(errors, 'selector', selector)
    if (isEmptySelector(selector)) errors.at('selector').invalid(shownSelector(selector), `empty selector is invalid for ${kind}`)
  }
  const readable = isReadable(selector)
  if (!readable) errors.at('selector').invalid(shownSelector(selector), unreadable)
  return readable
}

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0
}

/** For selectors that can be read. The empty one was refused before, and is not asked; an absent one matches nothing. */
export function validateMatch({ selector, template }: Templated, errors: FieldErrors): void {
  const labels = template.metadata?.labels
  if (!selector || !(isEmptySelector(selector) || selectorMatches(selector, labels))) {
    errors.at('template', 'metadata', 'labels').invalid(shownLabels(labels), '`selector` does not match template `labels`')
  }
}

/** Pods that run already were found by it. */
export function immutableSelector({ selector }: Templated, { selector: old }: Templated, errors: FieldErrors): void {
  if (!semanticallyEqual(selector, old)) errors.at('selector').invalid(shownSelector(selector), 'field is immutable')
}

export function validateRunsForever({ spec }: PodTemplateSpec, kind: string, errors: FieldErrors): void {
  if (spec.restartPolicy !== 'Always') errors.at('spec', 'restartPolicy').notSupported(spec.restartPolicy ?? '', ['Always'])
  if (spec.activeDeadlineSeconds !== undefined) errors.at('spec', 'activeDeadlineSeconds').forbidden(`activeDeadlineSeconds in ${kind} is not Supported`)
}

/** Selector and template of ReplicaSets, and of Deployments, which make them. */
export function validateReplicated(spec: Templated, errors: FieldErrors): void {
  if (!validateSelector(spec, 'deployment', 'invalid label selector', errors)) return
  validateMatch(spec, errors)
  validatePodTemplateSpec(spec.template, errors.at('template'))
  validateRunsForever(spec.template, 'ReplicaSet', errors.at('template'))
}

/** Of kinds whose name becomes part of their pods' names. */
export function nameWarnings(name: string): string[] {
  const messages = isDns1123Label(name)
  if (messages.length === 0) return []
  return [`metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`]
}
