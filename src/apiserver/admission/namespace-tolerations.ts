import { pods } from '#api/core/v1/pod'
import type { Namespace, Pod, Toleration } from '#api/core/v1/types'
import { ApiError } from '#apimachinery/api-error'
import { messageOf } from '#base/error-message'
import { sameData } from '#base/clone'
import { qosClassOf } from '#component-helpers/qos-class'
import type { ObjectReader } from '../authentication/objects'
import { namespaceNamed } from './matching/selectors'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor } from './refuse'

const [defaults, whitelist] = ['scheduler.alpha.kubernetes.io/defaultTolerations', 'scheduler.alpha.kubernetes.io/tolerationsWhitelist']

export interface TolerationDefaults {
  readonly default?: readonly Toleration[]
  readonly whitelist?: readonly Toleration[]
}

/** Pods tolerate what their namespace tolerates, and nothing that it does not allow. */
export function podTolerationRestriction({ objects, cluster = {} }: { objects: ObjectReader; cluster?: TolerationDefaults }): AdmissionPlugin {
  const admit = (request: AdmissionRequest, namespace: Namespace): void => {
    const pod = request.object as Pod
    const extra: Toleration[] = request.operation === 'CREATE' ? [...(tolerationsIn(namespace, defaults) ?? cluster.default ?? [])] : []
    if (qosClassOf(pod) !== 'BestEffort') extra.push({ key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' })
    if (extra.length > 0) pod.spec.tolerations = merged([...(pod.spec.tolerations ?? []), ...extra])
    check(request, namespace)
  }
  const check = ({ object }: AdmissionRequest, namespace: Namespace): void => {
    const { tolerations = [] } = (object as Pod).spec
    const own = tolerationsIn(namespace, whitelist)
    const allowed = own ?? cluster.whitelist ?? []
    if (allowed.length === 0 || tolerations.every((one) => allowed.some((wide) => covers(wide, one)))) return
    throw new ApiError(500, '', `pod tolerations (possibly merged with namespace default tolerations) conflict with its ${own ? 'namespace' : 'cluster'} whitelist`)
  }
  const withNamespace = (request: AdmissionRequest, step: (request: AdmissionRequest, namespace: Namespace) => void): void | Promise<void> => {
    const namespace = namespaceNamed(request.namespace, objects)
    return namespace instanceof Promise ? namespace.then((found) => step(request, found)) : step(request, namespace)
  }
  return {
    name: 'PodTolerationRestriction',
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && isFor(resource, subresource, pods),
    admit: (request) => withNamespace(request, admit),
    validate: (request) => withNamespace(request, check),
  }
}

function tolerationsIn({ metadata }: Namespace, annotation: string): Toleration[] | undefined {
  const text = metadata.annotations?.[annotation]
  if (text === undefined || text === '') return text === undefined ? undefined : []
  try {
    return JSON.parse(text) as Toleration[]
  } catch (error) {
    throw new ApiError(500, '', `namespace ${metadata.name}: annotation ${annotation} is no list of tolerations: ${messageOf(error)}`)
  }
}

/** Without those that another one covers. */
const merged = (all: readonly Toleration[]): Toleration[] => {
  const kept: Toleration[] = []
  for (const [i, one] of all.entries()) {
    if (kept.some((wide) => covers(wide, one)) || all.slice(i + 1).some((wide) => !sameData(wide, one) && covers(wide, one))) continue
    kept.push(one)
  }
  return kept
}

/** Whether a toleration takes in everything that another one does. */
function covers(wide: Toleration, one: Toleration): boolean {
  if (sameData(wide, one)) return true
  if ((one.key ?? '') !== (wide.key ?? '') && (wide.key || wide.operator !== 'Exists')) return false
  if (wide.effect && wide.effect !== one.effect) return false
  const [longest, seconds] = [wide.tolerationSeconds, one.tolerationSeconds]
  if (wide.effect === 'NoExecute' && longest !== undefined && (seconds === undefined || seconds > longest)) return false
  if (wide.operator === 'Exists') return true
  return (!wide.operator || wide.operator === 'Equal') && one.operator === 'Equal' && (one.value ?? '') === (wide.value ?? '')
}
