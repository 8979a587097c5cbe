// What annotations of pods say that fields say today, and the few that mean something still.
import type { FieldErrors } from '#apimachinery/field-errors'
import type { ObjectMeta } from '#apimachinery/meta/v1/types'
import { descending } from './path-checks'
import { eachContainer } from './pod-containers'
import { validateTolerations } from './scheduling-validation'
import type { PodSpec, Toleration } from './types'

const mirror = 'kubernetes.io/config.mirror'
const tolerations = 'scheduler.alpha.kubernetes.io/tolerations'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccomp = 'container.seccomp.security.alpha.kubernetes.io/'
const appArmor = 'container.apparmor.security.beta.kubernetes.io/'
const localhost = 'localhost/'

type Annotations = ObjectMeta['annotations']

/** `errors` are those of the annotations. */
export function validatePodAnnotations(annotations: Annotations, spec: PodSpec, errors: FieldErrors): void {
  if (!annotations) return
  for (const key in annotations) {
    const value = annotations[key]!
    if (key === mirror) {
      if (!spec.nodeName) errors.key(key).invalid(value, 'must set spec.nodeName if mirror pod annotation is set')
    } else if (key === deletionCost) {
      if (!isCost(value)) errors.key(key).invalid(value, 'must be a 32bit integer')
    } else if (key === tolerations) {
      if (value !== '') validateTolerationsText(value, errors)
    } else if (key === seccompOfPod || key.startsWith(seccomp)) validateSeccomp(errors, key, value)
    else if (key.startsWith(appArmor)) validateAppArmor(errors, key, value, spec)
  }
}

/** Kubelets act on some of these when a pod starts: they stay as they were. */
export function validatePodAnnotationsUpdate(annotations: Annotations = {}, old: Annotations = {}, errors: FieldErrors): void {
  const fixed = (key: string): string | undefined => (key === mirror ? 'mirror pod annotation' : key.startsWith(appArmor) ? 'AppArmor annotations' : undefined)
  for (const key in old) if (annotations[key] !== old[key] && fixed(key)) errors.key(key).forbidden(`may not remove or update ${fixed(key)}`)
  for (const key in annotations) if (old[key] === undefined && fixed(key)) errors.key(key).forbidden(`may not add ${fixed(key)}`)
}

function isCost(text: string): boolean {
  return /^(-?0*\d+)$/.test(text) && /^(-|[1-9]|0$)/.test(text) && Number(text) >= -(2 ** 31) && Number(text) < 2 ** 31
}

function validateTolerationsText(text: string, errors: FieldErrors): void {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (error) {
    return errors.invalid(tolerations, (error as Error).message)
  }
  if (!Array.isArray(read) || read.some((one) => typeof one !== 'object' || one === null)) return errors.invalid(tolerations, 'json: cannot unmarshal into Go value of type []v1.Toleration')
  validateTolerations(read as Toleration[], errors.at(tolerations))
}

function validateSeccomp(errors: FieldErrors, key: string, profile: string): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return
  if (profile.startsWith(localhost)) descending(errors, key, profile.slice(localhost.length))
  else errors.at(key).invalid(profile, 'must be a valid seccomp profile')
}

function validateAppArmor(errors: FieldErrors, key: string, profile: string, spec: PodSpec): void {
  const name = key.slice(appArmor.length)
  let found = false
  eachContainer(spec, (container) => (found ||= container.name === name))
  if (!found) errors.key(key).invalid(name, 'container not found')
  if (!['', 'runtime/default', 'unconfined'].includes(profile) && !profile.startsWith(localhost)) errors.key(key).invalid(profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)
}

interface Profile { readonly type?: string; readonly localhostProfile?: string }

/** Where a profile is said twice, both must say the same. `errors` are those of the spec. */
export function validateProfilesAgree(annotations: Annotations, spec: PodSpec, errors: FieldErrors): void {
  if (!annotations || !Object.keys(annotations).some((key) => key === seccompOfPod || key.startsWith(seccomp) || key.startsWith(appArmor))) return
  const ofPod = spec.securityContext
  agree('seccomp', annotations[seccompOfPod], ofPod?.seccompProfile, errors.at('securityContext', 'seccompProfile'))
  eachContainer(spec, ({ name, securityContext }, list, i) => {
    agree('seccomp', annotations[seccomp + name], securityContext?.seccompProfile, errors.at(list, i, 'securityContext', 'seccompProfile'))
  })
  if (spec.os?.name === 'windows') return
  eachContainer(spec, ({ name, securityContext }, list, i) => {
    agree('apparmor', annotations[appArmor + name], securityContext?.appArmorProfile ?? ofPod?.appArmorProfile, errors.at(list, i, 'securityContext', 'appArmorProfile'))
  })
}

function agree(what: 'seccomp' | 'apparmor', annotation: string | undefined, profile: Profile | undefined, errors: FieldErrors): void {
  if (annotation === undefined || !profile) return
  const differ = (): void => errors.at('type').forbidden(`${what} type in annotation and field must match`)
  if (profile.type === 'Unconfined' && annotation !== 'unconfined') differ()
  else if (profile.type === 'RuntimeDefault' && annotation !== 'runtime/default' && !(what === 'seccomp' && annotation === 'docker/default')) differ()
  else if (profile.type === 'Localhost') {
    if (!annotation.startsWith(localhost)) differ()
    else if (annotation.slice(localhost.length) !== profile.localhostProfile) errors.at('localhostProfile').forbidden(`${what} profile in annotation and field must match`)
  }
}
