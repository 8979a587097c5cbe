import { pods } from '#api/core/v1/pod'
import type { Namespace, Pod } from '#api/core/v1/types'
import { ApiError } from '#apimachinery/api-error'
import type { ObjectReader } from '../authentication/objects'
import { namespaceNamed } from './matching/selectors'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

const annotation = 'scheduler.alpha.kubernetes.io/node-selector'

/** By namespace: what its pods may ask for. `clusterDefaultNodeSelector`: what pods get whose namespace says nothing. */
export type NodeSelectors = Readonly<Record<string, string>>

/** Pods go to the nodes that their namespace is for. */
export function podNodeSelector({ objects, selectors = {} }: { objects: ObjectReader; selectors?: NodeSelectors }): AdmissionPlugin {
  const own = ({ metadata }: Namespace): Record<string, string> => pairs(metadata.annotations?.[annotation] ?? selectors['clusterDefaultNodeSelector'] ?? '')
  const admit = (request: AdmissionRequest, namespace: Namespace): void => {
    const pod = request.object as Pod
    const wanted = own(namespace)
    check(request, pod, wanted)
    pod.spec.nodeSelector = { ...wanted, ...pod.spec.nodeSelector }
    if (Object.keys(pod.spec.nodeSelector).length === 0) delete pod.spec.nodeSelector
  }
  const check = (request: AdmissionRequest, { spec }: Pod, wanted: Readonly<Record<string, string>>): void => {
    const asked = spec.nodeSelector ?? {}
    if (Object.keys(wanted).some((key) => asked[key] !== undefined && asked[key] !== wanted[key])) throw refuse(request, 'pod node label selector conflicts with its namespace node label selector')
    const allowed = pairs(selectors[request.namespace] ?? '')
    if (Object.keys(allowed).length > 0 && Object.entries({ ...wanted, ...asked }).some(([key, value]) => allowed[key] !== value)) {
      throw refuse(request, 'pod node label selector labels conflict with its namespace whitelist')
    }
  }
  const withNamespace = (request: AdmissionRequest, step: (request: AdmissionRequest, namespace: Namespace) => void): void | Promise<void> => {
    const namespace = namespaceNamed(request.namespace, objects)
    return namespace instanceof Promise ? namespace.then((found) => step(request, found)) : step(request, namespace)
  }
  return {
    name: 'PodNodeSelector',
    handles: (operation, resource, subresource) => operation === 'CREATE' && isFor(resource, subresource, pods),
    admit: (request) => withNamespace(request, admit),
    validate: (request) => withNamespace(request, (asked, namespace) => check(asked, asked.object as Pod, own(namespace))),
  }
}

/** `a=b,c=d` */
function pairs(text: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const part of text.split(',').filter((one) => one !== '')) {
    const [key, value, ...rest] = part.split('=')
    if (value === undefined || rest.length > 0) throw new ApiError(500, '', `invalid selector: ${part}`)
    found[key!.trim()] = value.trim()
  }
  return found
}
