import type { Container, EphemeralContainer, Pod, SecurityContext } from '#api/core/v1/types'
import { allContainers } from '#component-helpers/pod-containers'

/** The part of a pod, or of a template of pods, that is checked. */
export interface Checked {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: Pod['spec']
}
/** `minor` is the version of the standard. */
export type Check = (pod: Checked, minor: number) => Finding | undefined
export interface Finding {
  readonly reason: string
  readonly detail: string
}
export type AnyContainer = Container | EphemeralContainer

export const quote = (names: Iterable<string>): string => [...names].map((name) => `"${name}"`).join(', ')
export const plural = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many)
export const containersWhere = (pod: Checked, bad: (container: AnyContainer) => boolean): string[] => [...allContainers(pod)].filter(bad).map(({ name }) => name)
export const containerList = (names: readonly string[]): string => `${plural(names.length, 'container')} ${quote(names)}`
export const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort()
/** Pods in a user namespace of their own: root in them is nobody outside. */
export const isRelaxed = ({ spec }: Checked, minor: number): boolean => minor >= 35 && spec.hostUsers === false
export const isWindows = ({ spec }: Checked, minor: number): boolean => minor >= 25 && spec.os?.name === 'windows'

/** Who sets something bad: the pod, containers by name, or both. Empty: nobody. */
export function setters(pod: Checked, bad: (context: SecurityContext | NonNullable<Pod['spec']['securityContext']>) => boolean): string {
  const named = containersWhere(pod, ({ securityContext }) => securityContext !== undefined && bad(securityContext))
  const byPod = pod.spec.securityContext !== undefined && bad(pod.spec.securityContext)
  return [...(byPod ? ['pod'] : []), ...(named.length > 0 ? [containerList(named)] : [])].join(' and ')
}

/** The values that are set anywhere, of those that are bad. */
export function valuesIn(pod: Checked, value: (context: SecurityContext | NonNullable<Pod['spec']['securityContext']>) => string | undefined): string[] {
  const contexts = [pod.spec.securityContext, ...[...allContainers(pod)].map(({ securityContext }) => securityContext)]
  return sorted(contexts.flatMap((context) => (context ? (value(context) ?? []) : [])))
}
