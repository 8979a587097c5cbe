import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { priorityclasses } from '#api/scheduling/v1/priority-class'
import type { PriorityClass } from '#api/scheduling/v1/types'
import { getOrLive } from '../authentication/objects'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

/** Turns the name of a priority class into the number that the scheduler compares; keeps at most one class the default. */
export function priority({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  const defaultClass = (): PriorityClass | undefined => {
    const defaults = objects.list(priorityclasses).filter(({ globalDefault }) => globalDefault)
    // Two may have come in at the same time: the one that disturbs less counts.
    return defaults.reduce<PriorityClass | undefined>((least, one) => (least && least.value <= one.value ? least : one), undefined)
  }

  const settle = (request: AdmissionRequest, pod: Pod, found: PriorityClass | undefined): void => {
    const { spec } = pod
    if (spec.priorityClassName && !found) throw refuse(request, `no PriorityClass with name ${spec.priorityClassName} was found`)
    const value = found?.value ?? 0
    const policy = found ? found.preemptionPolicy : 'PreemptLowerPriority'
    if (found) spec.priorityClassName = found.metadata.name
    if (spec.priority !== undefined && spec.priority !== value) {
      throw refuse(request, `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`)
    }
    spec.priority = value
    if (policy === undefined) return
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
      throw refuse(request, `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`)
    }
    spec.preemptionPolicy = policy
  }

  return {
    name: 'Priority',
    handles: (operation, resource, subresource) =>
      (operation === 'CREATE' || operation === 'UPDATE') && (isFor(resource, subresource, pods) || isFor(resource, subresource, priorityclasses)),
    admit(request) {
      if (request.resource.resource !== 'pods') return
      const pod = request.object as Pod
      if (request.operation === 'UPDATE') {
        // Set on create; a client that does not know the fields drops them.
        const { spec } = request.old as Pod
        if (pod.spec.priority === undefined && spec.priority !== undefined) pod.spec.priority = spec.priority
        if (pod.spec.preemptionPolicy === undefined && spec.preemptionPolicy !== undefined) pod.spec.preemptionPolicy = spec.preemptionPolicy
        return
      }
      const name = pod.spec.priorityClassName
      const found = name ? getOrLive(objects, priorityclasses, { name }) : defaultClass()
      return found instanceof Promise ? found.then((settled) => settle(request, pod, settled)) : settle(request, pod, found)
    },
    validate(request) {
      if (request.resource.resource !== 'priorityclasses' || !(request.object as PriorityClass).globalDefault) return
      const other = defaultClass()
      if (other && (request.operation === 'CREATE' || other.metadata.name !== request.object!.metadata.name)) {
        throw refuse(request, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`)
      }
    },
  }
}
