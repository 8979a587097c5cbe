// What a pod gets beyond the constants in types.ts: defaults that depend on other fields.
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
  for (const container of spec.containers ?? []) requestWhatIsLimited(container)
  for (const container of spec.initContainers ?? []) requestWhatIsLimited(container)
  if (spec.resources?.limits) defaultPodRequests(spec)
  if (spec.hostNetwork) {
    for (const container of spec.containers ?? []) useHostPorts(container)
    for (const container of spec.initContainers ?? []) useHostPorts(container)
  }
}

function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ??= pullPolicyFor(container.image)
}

/** `Always` where the tag is `latest` or left out, since such an image can change behind the name. */
function pullPolicyFor(image: string | undefined): string {
  if (!image || image.includes('@')) return 'IfNotPresent'
  const last = image.slice(image.lastIndexOf('/') + 1)
  const colon = last.indexOf(':')
  return colon < 0 || last.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent'
}

function requestWhatIsLimited({ resources }: Container): void {
  if (!resources.limits) return
  const requests = (resources.requests ??= {})
  for (const name in resources.limits) requests[name] ??= resources.limits[name]!
}

const podLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

function defaultPodRequests(spec: PodSpec): void {
  const resources = spec.resources!
  const asked = new Set<string>()
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    for (const name in container.resources.requests) asked.add(name)
  }
  for (const name in resources.limits) {
    // Where containers ask for a resource themselves the sum is theirs, and validation compares it with what the pod says.
    if (podLevel(name) && !asked.has(name)) (resources.requests ??= {})[name] ??= resources.limits[name]!
  }
}

function useHostPorts({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort
}
