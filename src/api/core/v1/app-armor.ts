import type { AppArmorProfile, Container, Pod } from './types'

const prefix = 'container.apparmor.security.beta.kubernetes.io/'
const copied = new WeakSet<AppArmorProfile>()

/** Clients from before the field say it in annotations, one a container: new pods get both, so that everybody else reads the field alone. */
export function copyAppArmorAnnotations({ metadata, spec }: Pod): void {
  const annotations = metadata.annotations
  if (!annotations || spec.os?.name === 'windows') return
  const ofPod = spec.securityContext?.appArmorProfile
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])] as Container[]) {
    const annotation = annotations[`${prefix}${container.name}`]
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue
    const profile = profileOf(annotation)
    if (!profile || (profile.type === ofPod?.type && profile.localhostProfile === ofPod.localhostProfile)) continue
    copied.add(profile)
    container.securityContext = { ...container.securityContext, appArmorProfile: profile }
  }
}

/** Whether the server wrote it, by an annotation. */
export const isCopiedProfile = (profile: AppArmorProfile): boolean => copied.has(profile)

/** Undefined for what names no profile. */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  if (!annotation.startsWith('localhost/')) return undefined
  const localhostProfile = annotation.slice('localhost/'.length)
  const sound = localhostProfile !== '' && localhostProfile.trim() === localhostProfile && localhostProfile.length <= 4095
  return sound ? { type: 'Localhost', localhostProfile } : undefined
}
