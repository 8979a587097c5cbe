import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import type { Container, Node, Pod } from '#api/core/v1/types'
import { sameData } from '#base/clone'
import { resourcesOf } from '#component-helpers/compute-resources'
import { podRequests } from '#component-helpers/pod-requests'
import type { ObjectReader } from '../authentication/objects'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

/** A pod is not resized beyond what its node could ever give. */
export function podResizeValidator({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    handles: (operation, resource, subresource) => operation === 'UPDATE' && subresource === 'resize' && isFor(resource, '', pods),
    validate(request) {
      const node = nodeOfChanged(request, objects)
      if (!node) return
      const os = node.metadata.labels?.['kubernetes.io/os']
      if (os !== undefined && os !== 'linux') throw refusal(request, `pod resize is only supported on linux nodes, node ${JSON.stringify(node.metadata.name)} is ${JSON.stringify(os)}`, 'UnsupportedPlatform')
      const [wanted, there] = [podRequests(request.object as Pod), resourcesOf(node.status?.allocatable)]
      const lacking = [
        ...(wanted.milliCpu > there.milliCpu ? [`cpu, requested: ${wanted.milliCpu}, allocatable: ${there.milliCpu}`] : []),
        ...(wanted.memory > there.memory ? [`memory, requested: ${wanted.memory}, allocatable: ${there.memory}`] : []),
      ]
      if (lacking.length > 0) throw refusal(request, `node didn't have enough allocatable resources: ${lacking.join('; ')}`, 'NodeCapacity')
    },
  }
}

/** What a change of a running pod needs of its node's kubelet, by the names that nodes declare. */
const features: readonly { readonly name: string; needs(before: Pod, after: Pod): boolean }[] = [
  { name: 'InPlacePodLevelResourcesVerticalScaling', needs: (before, after) => !sameData(before.spec.resources, after.spec.resources) },
  {
    name: 'InPlacePodVerticalScalingInitContainers',
    needs: ({ spec: before }, { spec: after }) => (before.initContainers ?? []).some((container: Container, i) =>
      container.restartPolicy !== 'Always' && !sameData(container.resources ?? {}, after.initContainers?.[i]?.resources ?? {})),
  },
]

/** A running pod is changed only in ways that its node's kubelet says it can follow. */
export function nodeDeclaredFeatureValidator({ objects }: { objects: ObjectReader }): AdmissionPlugin {
  return {
    name: 'NodeDeclaredFeatureValidator',
    handles: (operation, resource, subresource) => operation === 'UPDATE' && (subresource === '' || subresource === 'resize') && isFor(resource, '', pods),
    validate(request) {
      const [before, after] = [request.old as Pod, request.object as Pod]
      if (before.spec === after.spec || !request.enabled('NodeDeclaredFeatures')) return
      const needed = features.filter(({ needs }) => needs(before, after)).map(({ name }) => name)
      const node = needed.length > 0 ? nodeOfChanged(request, objects) : undefined
      if (!node) return
      const lacking = needed.filter((name) => !node.status?.declaredFeatures?.includes(name))
      if (lacking.length > 0) throw refuse(request, `pod update requires features ${lacking.join(', ')} which are not available on node ${JSON.stringify(node.metadata.name)}`)
    },
  }
}

/** The node of a pod that runs and whose spec changes. */
function nodeOfChanged(request: AdmissionRequest, objects: ObjectReader): Node | undefined {
  const [pod, old] = [request.object as Pod, request.old as Pod]
  if (!pod.spec.nodeName || pod.metadata.generation === old.metadata.generation) return undefined
  const node = objects.get(nodes, { name: pod.spec.nodeName })
  if (!node) throw refuse(request, `node ${JSON.stringify(pod.spec.nodeName)} not found`)
  return node
}

function refusal(request: AdmissionRequest, why: string, reason: string): Error {
  const error = refuse(request, why)
  error.status.details = { ...error.status.details, causes: [{ reason }] }
  return error
}
