import type { KubeObject } from '#apimachinery/object'
import { firstOf, parseCidr } from '#base/cidr'
import { addToIp, formatIp } from '#base/ip'
import { Conflict, type Put } from '#storage/store'
import { encodeStored } from '../encoding/stored-form'
import type { Kind } from '../kinds'
import { decode } from '../registry/decode'
import { cacheOf, keyOfObject, type Registry } from '../registry/registry'
import { startMetadata } from '../registry/system-fields'
import { rfc3339, type WriteRequest } from '../registry/write'
import { apiServiceObjects } from './api-services'
import { flowSchemaObjects, priorityLevelObjects } from './flow-control'

export interface BootstrapOptions {
  /** One CIDR for each family, the primary one first. */
  readonly serviceRanges: readonly string[]
  /** Where the API server is reached; what the `kubernetes` Service leads to. */
  readonly advertise?: { readonly address: string; readonly port: number }
}

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
const critical = [
  { metadata: { name: 'system-cluster-critical' }, value: 2000000000, description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.' },
  { metadata: { name: 'system-node-critical' }, value: 2000001000, description: 'Used for system critical pods that must not be moved from their current node.' },
]

/** What every cluster has before anybody writes: everything that is missing is written in one commit. */
export async function bootstrap(registry: Registry, options: BootstrapOptions): Promise<void> {
  const now = rfc3339(registry.clock.now())
  for (;;) {
    const puts: Put[] = []
    for (const [path, objects] of wanted(registry, options, now)) {
      const [group = '', version = '', resource = ''] = path.split('/')
      const kind = registry.kinds.find(group, version, resource)
      if (!kind) continue
      for (const object of objects) {
        const put = await missing(registry, kind, structuredClone(object) as KubeObject, now)
        if (put) puts.push(put)
      }
    }
    try {
      await registry.store.write(puts)
      return
    } catch (error) {
      // Another server of the same cluster starts too: what it wrote is there in a moment.
      if (!(error instanceof Conflict) || error.current === undefined) throw error
      await registry.cache.seen(error.current.revision, registry.clock, 10_000)
    }
  }
}

/** Undefined for what is there. */
async function missing(registry: Registry, kind: Kind, object: KubeObject, now: string): Promise<Put | undefined> {
  const { namespace = '', name } = object.metadata
  const cache = await cacheOf(registry, kind)
  if (cache.get(namespace, name)) return undefined
  const request: WriteRequest = {
    kind, namespace, name, subresource: '', user: { name: 'system:apiserver', groups: ['system:masters'] }, manager: 'kube-apiserver', dryRun: false,
    fieldValidation: 'Ignore', now, enabled: registry.gates.enabled, apiVersion: kind.apiVersion, options: {}, warn: () => {}, annotate: () => {},
  }
  const { status } = object as { status?: unknown }
  const decoded = await decode(object, request)
  startMetadata(decoded.object, request)
  kind.resource.prepareForCreate?.(decoded.object as never, request)
  if (status !== undefined) (decoded.object as { status?: unknown }).status = status
  kind.resource.canonicalize?.(decoded.object as never)
  const bytes = encodeStored(decoded.object, undefined)
  registry.cache.remember(bytes, decoded.object)
  return { key: keyOfObject(kind, namespace, name), value: bytes, expect: 'absent' }
}

function* wanted(registry: Registry, options: BootstrapOptions, now: string): Generator<[path: string, objects: readonly object[]]> {
  yield ['/v1/namespaces', namespaces.map((name) => ({ metadata: { name, labels: { 'kubernetes.io/metadata.name': name } } }))]
  yield ['scheduling.k8s.io/v1/priorityclasses', critical]
  yield ['flowcontrol.apiserver.k8s.io/v1/flowschemas', flowSchemaObjects]
  yield ['flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', priorityLevelObjects]
  yield ['apiregistration.k8s.io/v1/apiservices', apiServiceObjects(registry.kinds, now)]
  yield* kubernetesService(options, now)
}

/** The Service by which pods find the API, its address, and the range that it is the first of. */
function* kubernetesService({ serviceRanges, advertise }: BootstrapOptions, now: string): Generator<[string, readonly object[]]> {
  const [primary] = serviceRanges
  const range = primary === undefined ? undefined : parseCidr(primary)
  if (!range) return
  const address = formatIp(addToIp(firstOf(range), 1))
  const family = range.family === 4 ? 'IPv4' : 'IPv6'
  const port = advertise?.port ?? 443
  yield ['networking.k8s.io/v1/servicecidrs', [{
    metadata: { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] },
    spec: { cidrs: [...serviceRanges] },
    status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: now, reason: '', message: 'Kubernetes Service CIDR is ready' }] },
  }]]
  yield ['networking.k8s.io/v1/ipaddresses', [{
    metadata: { name: address, labels: { 'ipaddress.kubernetes.io/ip-family': family, 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
    spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 'kubernetes' } },
  }]]
  yield ['/v1/services', [{
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }], clusterIP: address, clusterIPs: [address], type: 'ClusterIP',
      sessionAffinity: 'None', ipFamilies: [family], ipFamilyPolicy: 'SingleStack', internalTrafficPolicy: 'Cluster',
    },
  }]]
  if (!advertise) return
  yield ['/v1/endpoints', [{
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: advertise.address }], ports: [{ name: 'https', protocol: 'TCP', port }] }],
  }]]
  yield ['discovery.k8s.io/v1/endpointslices', [{
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: family, endpoints: [{ addresses: [advertise.address], conditions: { ready: true } }], ports: [{ name: 'https', protocol: 'TCP', port }],
  }]]
}
