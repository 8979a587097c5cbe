import { pods } from '#api/core/v1/pod'
import type { Pod, Toleration } from '#api/core/v1/types'
import { runtimeclasses } from '#api/node/v1/runtime-class'
import type { RuntimeClass } from '#api/node/v1/types'
import { compareQuantities } from '#apimachinery/quantity'
import type { Quantity } from '#apimachinery/meta/v1/scalars'
import { getOrLive } from '../authentication/objects'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

type Resources = Readonly<Record<string, Quantity>>

/** A pod of a runtime class is charged for the runtime's own needs, and goes only where that runtime is. */
export function runtimeClass({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  const withClass = (request: AdmissionRequest, next: (pod: Pod, found: RuntimeClass | undefined) => void): void | Promise<void> => {
    const pod = request.object as Pod
    const name = pod.spec.runtimeClassName
    if (!name) return next(pod, undefined)
    const settle = (found: RuntimeClass | undefined): void => {
      if (!found) throw refuse(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
      next(pod, found)
    }
    const found = getOrLive(objects, runtimeclasses, { name })
    return found instanceof Promise ? found.then(settle) : settle(found)
  }
  return {
    name: 'RuntimeClass',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, subresource, pods),
    admit: (request) =>
      withClass(request, ({ spec }, found) => {
        const overhead = found?.overhead?.podFixed
        if (overhead) {
          if (spec.overhead && Object.keys(spec.overhead).length > 0 && !sameResources(spec.overhead, overhead)) throw refuse(request, mismatch)
          spec.overhead = { ...overhead }
        }
        if (!found?.scheduling) return
        const { nodeSelector = {}, tolerations = [] } = found.scheduling
        for (const [key, value] of Object.entries(nodeSelector)) {
          const own = spec.nodeSelector?.[key]
          if (own !== undefined && own !== value) {
            throw refuse(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`)
          }
        }
        if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector }
        if (tolerations.length > 0) spec.tolerations = merge(spec.tolerations ?? [], tolerations)
      }),
    validate: (request) =>
      withClass(request, ({ spec }, found) => {
        const overhead = found?.overhead?.podFixed
        if (overhead && !sameResources(spec.overhead ?? {}, overhead)) throw refuse(request, mismatch)
        if (!found?.overhead && spec.overhead) throw refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
      }),
  }
}

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"

function sameResources(a: Resources, b: Resources): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]!) === 0)
}

/** The pod's own come first; what another already covers is left out. */
function merge(own: readonly Toleration[], more: readonly Toleration[]): Toleration[] {
  const all = [...own, ...more]
  const covered = (inner: Toleration, index: number): boolean =>
    all.some((outer, other) => other !== index && covers(outer, inner) && (!covers(inner, outer) || other < index))
  return all.filter((toleration, index) => !covered(toleration, index)).map((toleration) => ({ ...toleration }))
}

/** Whether whatever `inner` tolerates, `outer` does too. */
function covers(outer: Toleration, inner: Toleration): boolean {
  const operator = ({ operator: given }: Toleration): string => given || 'Equal'
  if (outer.key && outer.key !== inner.key) return false
  if (!outer.key && operator(outer) !== 'Exists') return false
  if (outer.effect && outer.effect !== inner.effect) return false
  if (outer.effect === 'NoExecute' && outer.tolerationSeconds !== undefined) {
    if (inner.tolerationSeconds === undefined || outer.tolerationSeconds < inner.tolerationSeconds) return false
  }
  if (operator(outer) === 'Exists') return true
  return operator(inner) === operator(outer) && (outer.value ?? '') === (inner.value ?? '')
}
