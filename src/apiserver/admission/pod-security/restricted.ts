import { allContainers } from '#component-helpers/pod-containers'
import { capabilities, isBadSeccomp, seccomp, withoutOverridden } from './baseline'
import { containerList, containersWhere, isRelaxed, isWindows, plural, quote, setters, sorted } from './checks'
import type { Check } from './checks'

const privilegeEscalation: Check = (pod, minor) => {
  if (minor < 8 || isWindows(pod, minor)) return undefined
  const names = containersWhere(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
  return names.length > 0 ? { reason: 'allowPrivilegeEscalation != false', detail: `${containerList(names)} must set securityContext.allowPrivilegeEscalation=false` } : undefined
}

const dropAll: Check = (pod, minor) => {
  if (minor < 22) return capabilities(pod, minor)
  if (isWindows(pod, minor)) return undefined
  const keeping = containersWhere(pod, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
  const added = (container: { securityContext?: { capabilities?: { add?: string[] } } }): string[] => (container.securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE')
  const adding = containersWhere(pod, (container) => added(container).length > 0)
  const details = [
    ...(keeping.length > 0 ? [`${containerList(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0 ? [`${containerList(adding)} must not include ${quote(sorted([...allContainers(pod)].flatMap(added)))} in securityContext.capabilities.add`] : []),
  ]
  return details.length > 0 ? { reason: 'unrestricted capabilities', detail: details.join('; ') } : undefined
}

const volumeTypes = new Set(['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'])

const volumes: Check = ({ spec }) => {
  const sourceOf = (volume: object): string => Object.keys(volume).find((field) => field !== 'name' && (volume as Record<string, unknown>)[field] !== undefined) ?? 'unknown'
  const bad = (spec.volumes ?? []).filter((volume) => !volumeTypes.has(sourceOf(volume)))
  if (bad.length === 0) return undefined
  const types = sorted(bad.map(sourceOf))
  return {
    reason: 'restricted volume types',
    detail: `${plural(bad.length, 'volume')} ${quote(bad.map(({ name }) => name))} ${plural(bad.length, 'uses', 'use')} ${plural(types.length, 'restricted volume type')} ${quote(types)}`,
  }
}

const nonRoot: Check = (pod, minor) => {
  if (isRelaxed(pod, minor)) return undefined
  const reason = 'runAsNonRoot != true'
  const who = setters(pod, ({ runAsNonRoot }) => runAsNonRoot === false)
  if (who !== '') return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` }
  if (pod.spec.securityContext?.runAsNonRoot) return undefined
  const names = containersWhere(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined)
  return names.length > 0 ? { reason, detail: `pod or ${containerList(names)} must set securityContext.runAsNonRoot=true` } : undefined
}

const user: Check = (pod, minor) => {
  if (minor < 23 || isRelaxed(pod, minor)) return undefined
  const who = setters(pod, ({ runAsUser }) => runAsUser === 0)
  return who === '' ? undefined : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` }
}

const seccompSet: Check = (pod, minor) => {
  const bad = seccomp(pod, minor)
  if (bad || minor < 19 || isWindows(pod, minor)) return bad
  const type = pod.spec.securityContext?.seccompProfile?.type
  if (type !== undefined && !isBadSeccomp(type)) return undefined
  const names = containersWhere(pod, ({ securityContext }) => !securityContext?.seccompProfile)
  return names.length > 0 ? { reason: 'seccompProfile', detail: `pod or ${containerList(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` } : undefined
}

/** What is left of the baseline first, then its own. */
export const restricted: readonly Check[] = [...withoutOverridden, privilegeEscalation, dropAll, volumes, nonRoot, user, seccompSet]
