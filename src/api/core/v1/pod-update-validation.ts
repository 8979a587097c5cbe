// Which parts of a running pod may change, and through which endpoint.
import type { FieldErrors } from '#apimachinery/field-errors'
import { inRange } from '../../field-checks'
import { semanticallyEqual } from '../../semantic-equality'
import { termInGo } from './affinity-validation'
import { qosClassOf } from './pod-qos'
import { validateTolerations } from './scheduling-validation'
import { specDifference } from './spec-difference'
import type { Container, NodeAffinity, Pod, PodSpec, ResourceRequirements, Toleration } from './types'

const updatable = [
  '`spec.containers[*].image`', '`spec.initContainers[*].image`', '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

export function validatePodUpdate(pod: Pod, old: Pod, errors: FieldErrors): void {
  const at = errors.at('spec')
  const { spec } = pod
  if (!validateImages(spec.containers ?? [], old.spec.containers, at.at('containers'))) return
  if (!validateImages(spec.initContainers ?? [], old.spec.initContainers ?? [], at.at('initContainers'))) return
  if (!validateDeadline(spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds, at)) return
  validateAddedTolerations(spec.tolerations, old.spec.tolerations, at.at('tolerations'))
  const gates = new Set((old.spec.schedulingGates ?? []).map((gate) => gate.name))
  for (const [i, { name }] of (spec.schedulingGates ?? []).entries()) {
    if (!gates.has(name)) at.at('schedulingGates', i, 'name').forbidden(`only deletion is allowed, but found new scheduling gate '${name}'`)
  }
  if (semanticallyEqual(spec, old.spec)) return
  const munged = withoutUpdatable(spec, old.spec)
  if (gates.size > 0) {
    validateGatedScheduling(spec, old.spec, at)
    keep(munged, old.spec, 'nodeSelector')
    munged.affinity = { ...munged.affinity }
    const before = old.spec.affinity?.nodeAffinity
    if (before) munged.affinity.nodeAffinity = before
    else delete munged.affinity.nodeAffinity
    if (Object.keys(munged.affinity).length === 0 && !old.spec.affinity) delete munged.affinity
  }
  if (!semanticallyEqual(munged, old.spec)) at.forbidden(`pod updates may not change fields other than ${updatable}\n${specDifference(old.spec, munged)}`)
}

function keep<K extends keyof PodSpec>(spec: PodSpec, old: PodSpec, field: K): void {
  if (old[field] === undefined) delete spec[field]
  else spec[field] = old[field]
}

function withoutUpdatable(spec: PodSpec, old: PodSpec): PodSpec {
  const images = (containers: readonly Container[], before: readonly Container[]): Container[] =>
    containers.map((container, i) => ({ ...container, ...(before[i]!.image === undefined ? {} : { image: before[i]!.image }) }))
  const munged: PodSpec = { ...spec, containers: images(spec.containers, old.containers) }
  if (spec.initContainers) munged.initContainers = images(spec.initContainers, old.initContainers ?? [])
  keep(munged, old, 'activeDeadlineSeconds')
  keep(munged, old, 'schedulingGates')
  keep(munged, old, 'tolerations')
  if (old.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1) keep(munged, old, 'terminationGracePeriodSeconds')
  return munged
}

/** False where the lists do not line up, and nothing more can be said. */
function validateImages(containers: readonly Container[], old: readonly Container[], errors: FieldErrors): boolean {
  if (containers.length !== old.length) {
    errors.forbidden('pod updates may not add or remove containers')
    return false
  }
  for (const [i, { image = '' }] of containers.entries()) {
    if (image === '') errors.at(i, 'image').required()
    if (image.trim().length !== image.length) errors.at(i, 'image').invalid(image, 'must not have leading or trailing whitespace')
  }
  return true
}

function validateDeadline(deadline: number | undefined, old: number | undefined, errors: FieldErrors): boolean {
  if (deadline === undefined) {
    if (old !== undefined) errors.at('activeDeadlineSeconds').invalid(null, 'must not update from a positive integer to nil value')
    return true
  }
  const before = errors.all.length
  inRange(errors, 'activeDeadlineSeconds', deadline, 0, 2147483647)
  if (errors.all.length === before && old !== undefined && old < deadline) {
    errors.at('activeDeadlineSeconds').invalid(deadline, 'must be less than or equal to previous value')
  }
  return errors.all.length === before
}

function validateAddedTolerations(tolerations: readonly Toleration[] = [], old: readonly Toleration[] = [], errors: FieldErrors): void {
  const sameButSeconds = (a: Toleration, b: Toleration): boolean =>
    a.key === b.key && a.operator === b.operator && a.value === b.value && a.effect === b.effect
  if (!old.every((before) => tolerations.some((now) => sameButSeconds(now, before)))) {
    return errors.forbidden('existing toleration can not be modified except its tolerationSeconds')
  }
  validateTolerations(tolerations, errors)
}

/** While a gate holds a pod back, where it may go can only become narrower. */
function validateGatedScheduling(spec: PodSpec, old: PodSpec, errors: FieldErrors): void {
  for (const key in old.nodeSelector) {
    if (spec.nodeSelector?.[key] === old.nodeSelector[key]) continue
    errors.at('nodeSelector').invalid(spec.nodeSelector ?? null, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)')
    break
  }
  const before = old.affinity?.nodeAffinity
  if (before) validateNarrowerAffinity(spec.affinity?.nodeAffinity, before, errors.at('affinity', 'nodeAffinity'))
}

function validateNarrowerAffinity(now: NodeAffinity | undefined, before: NodeAffinity, errors: FieldErrors): void {
  const field = 'requiredDuringSchedulingIgnoredDuringExecution'
  const old = before[field]?.nodeSelectorTerms
  if (!old) return
  const at = errors.at(field, 'nodeSelectorTerms')
  const terms = now?.[field]?.nodeSelectorTerms ?? []
  if (terms.length !== old.length) return at.invalid(now?.[field]?.nodeSelectorTerms?.map(termInGo) ?? null, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')
  for (const [i, term] of terms.entries()) {
    const narrower = (['matchExpressions', 'matchFields'] as const).every((list) =>
      (old[i]![list] ?? []).every((requirement, j) => semanticallyEqual(requirement, term[list]?.[j])))
    if (!narrower) at.at(i).invalid(termInGo(term), 'only additions are allowed (no mutations or deletions)')
  }
}

export function validateEphemeralContainersUpdate(pod: Pod, old: Pod, errors: FieldErrors): void {
  const at = errors.at('spec', 'ephemeralContainers')
  if (old.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return errors.forbidden('static pods do not support ephemeral containers')
  for (const before of old.spec.ephemeralContainers ?? []) {
    const now = pod.spec.ephemeralContainers?.find((container) => container.name === before.name)
    const name = JSON.stringify(before.name)
    if (!now) at.forbidden(`existing ephemeral containers ${name} may not be removed\n`)
    else if (!semanticallyEqual(now, before)) at.forbidden(`existing ephemeral containers ${name} may not be changed\n${specDifference(before, now)}`)
  }
}

export function validateResize(pod: Pod, old: Pod, errors: FieldErrors): void {
  const at = errors.at('spec')
  if (old.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return errors.forbidden('static pods cannot be resized')
  if (old.spec.os?.name === 'windows') return errors.forbidden('windows pods cannot be resized')
  if ((old.status.qosClass ?? qosClassOf(old.spec)) !== qosClassOf(pod.spec)) {
    at.invalid(pod.status.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing')
  }
  const running = old.status.containerStatuses?.find((container) => container.state.running)
  if (running && !running.resources) at.forbidden('Pod running on node without support for resize')
  validatePodLevelResize(pod.spec.resources, old.spec.resources, at)
  let aligned = true
  for (const list of ['containers', 'initContainers'] as const) {
    const now = pod.spec[list] ?? []
    const before = old.spec[list] ?? []
    if (now.length !== before.length) {
      at.at(list).forbidden(`${list} may not be added or removed on resize`)
      aligned = false
    }
    for (const [i, container] of now.entries()) {
      if (!before[i] || container.name === before[i].name) continue
      at.at(list, i, 'name').forbidden(`${list} may not be renamed or reordered on resize`)
      aligned = false
    }
  }
  if (!aligned) return
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (pod.spec[list] ?? []).entries()) validateContainerResize(container.resources, old.spec[list]![i]!.resources, at.at(list, i, 'resources'))
  }
  for (const [i, container] of pod.spec.containers.entries()) {
    if (!onlyComputeChanged(container, old.spec.containers[i]!)) at.forbidden('only cpu and memory resources are mutable')
  }
  for (const [i, container] of (pod.spec.initContainers ?? []).entries()) {
    const before = old.spec.initContainers![i]!
    if (!onlyComputeChanged(container, before)) at.at('initContainers', i).forbidden('only cpu and memory resources for init or sidecar containers are mutable')
    if (container.restartPolicy === 'Always' || semanticallyEqual(container, before)) continue
    for (const { restartPolicy } of container.resizePolicy ?? []) {
      if (restartPolicy === 'RestartContainer') at.at('initContainers', i).forbidden('non-sidecar init containers with a resize policy of RestartContainer cannot be resized')
    }
  }
}

/** Of what is said for the pod as a whole. */
function validatePodLevelResize(now: ResourceRequirements | undefined, old: ResourceRequirements | undefined, errors: FieldErrors): void {
  if (!says(now) && !says(old)) return
  if (old && !now) return errors.at('resources').forbidden('pod-level resources cannot be removed')
  for (const list of ['requests', 'limits'] as const) {
    if (Object.keys(old?.[list] ?? {}).some((name) => now?.[list]?.[name] === undefined)) errors.at('resources', list).forbidden(`pod-level resource ${list} cannot be removed`)
  }
  const munged = { ...now, limits: othersAndOld(now?.limits, old?.limits), requests: othersAndOld(now?.requests, old?.requests) }
  if (!semanticallyEqual(munged, { ...old, limits: old?.limits ?? {}, requests: old?.requests ?? {} })) errors.forbidden('only cpu and memory resources are mutable at pod-level')
}

const says = (resources: ResourceRequirements | undefined): boolean => Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0

function validateContainerResize(now: ResourceRequirements, old: ResourceRequirements, errors: FieldErrors): void {
  const removed = (list: 'requests' | 'limits'): boolean => Object.keys(old[list] ?? {}).some((name) => now[list]?.[name] === undefined)
  if (removed('requests')) errors.at('requests').forbidden('resource requests cannot be removed')
  if (removed('limits')) errors.at('limits').forbidden('resource limits cannot be removed')
}

/** As in the original new claims go unseen here, while a container that has claims is never the same. */
function onlyComputeChanged(now: Container, old: Container): boolean {
  const munged = { ...now, resources: { limits: othersAndOld(now.resources.limits, old.resources.limits), requests: othersAndOld(now.resources.requests, old.resources.requests) } }
  return semanticallyEqual(munged, { ...old, resources: { ...old.resources, limits: old.resources.limits ?? {}, requests: old.resources.requests ?? {} } })
}

type Amounts = Record<string, string>
const isCompute = (name: string): boolean => name === 'cpu' || name === 'memory'
const othersAndOld = (now: Amounts = {}, old: Amounts = {}): Amounts =>
  Object.fromEntries([...Object.entries(now).filter(([name]) => !isCompute(name)), ...Object.entries(old).filter(([name]) => isCompute(name))])
