// What a pod gets beyond the constants in types.ts: defaults that depend on other fields.
import { containerTotals, type ResourceList } from './container-totals'
import { imageTag } from './image-tag'
import { isHugePages, mayOvercommit } from './resource-names'
import type { Container, EphemeralContainer, PodSpec, Volume } from './types'

const sources = (volume: Volume): number => Object.keys(volume).length

/** For every pod template and every pod. */
export function defaultPodSpec(spec: PodSpec): void {
  // Two names of one field: the newer counts, the older repeats it.
  const account = spec.serviceAccountName || spec.serviceAccount
  if (!account) delete spec.serviceAccountName
  // What an update leaves alone is frozen: it is written only where it changes.
  else if (spec.serviceAccountName !== account) spec.serviceAccountName = account
  if (account && spec.serviceAccount !== account) spec.serviceAccount = account
  for (const volume of spec.volumes ?? []) {
    if (sources(volume) <= 1) volume.emptyDir = {}
    if (volume.image) volume.image.pullPolicy ??= pullPolicyFor(volume.image.reference)
  }
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
}

/** Only for pods, never for templates: what stands in a template must not hide what the pod's own admission decides. */
export function defaultPod(spec: PodSpec): void {
  defaultPodSpec(spec)
  spec.enableServiceLinks ??= true
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1
  for (const container of spec.containers ?? []) requestWhatIsLimited(container)
  for (const container of spec.initContainers ?? []) requestWhatIsLimited(container)
  if (spec.resources) defaultPodResources(spec)
  if (spec.hostNetwork) {
    for (const container of spec.containers ?? []) useHostPorts(container)
    for (const container of spec.initContainers ?? []) useHostPorts(container)
  }
}

function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ??= pullPolicyFor(container.image)
}

/** `Always` where the tag is `latest` or left out, since such an image can change behind the name. */
const pullPolicyFor = (image: string | undefined): string => (image && imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent')

function requestWhatIsLimited({ resources }: Container): void {
  if (!resources.limits) return
  const requests = (resources.requests ??= {})
  for (const name in resources.limits) requests[name] ??= resources.limits[name]!
}

const podLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || isHugePages(name)

/** What is said for the pod is completed by what its containers say: first limits of huge pages, then requests. */
function defaultPodResources(spec: PodSpec): void {
  const resources = spec.resources!
  const { limits, requests } = resources
  if (isEmpty(limits) && isEmpty(requests)) return
  const complete = (list: 'limits' | 'requests', from: ResourceList, takes: (name: string) => boolean): void => {
    for (const name in from) {
      if (!takes(name) || resources[list]?.[name] !== undefined) continue
      // What an update leaves alone is frozen: it is written only where it changes.
      resources[list] = { ...resources[list], [name]: from[name]! }
    }
  }
  complete('limits', containerTotals(spec, 'limits'), (name) => isHugePages(name) && requests?.[name] === undefined)
  if (isEmpty(resources.limits)) return
  complete('requests', containerTotals(spec, 'requests'), (name) => podLevel(name) && mayOvercommit(name))
  complete('requests', resources.limits ?? {}, podLevel)
}

const isEmpty = (list: ResourceList | undefined): boolean => !list || Object.keys(list).length === 0

function useHostPorts({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort
}
