import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jobs } from '#api/batch/v1/job'
import { configmaps } from '#api/core/v1/config-map'
import { events } from '#api/core/v1/event'
import { namespaces } from '#api/core/v1/namespace'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { resourcequotas } from '#api/core/v1/resource-quota'
import { services } from '#api/core/v1/service'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { silent } from '#component-base/log'
import type { Authorizer } from '../authorization/authorizer'
import { objectReader } from '../authentication/objects'
import { startHttpsServer } from '../testing/https-server'
import { createWebhooks } from '../webhook/webhooks'
import { admissionPlugins } from './chain'
import { readAdmissionConfiguration, type AdmissionConfiguration } from './configuration'
import type { AdmissionRequest } from './plugin'

type Asked = Partial<Omit<AdmissionRequest, 'resource' | 'object' | 'old'>> & { resource: unknown; object?: unknown; old?: unknown }

function bed(name: string, { configuration, allows = () => true }: { configuration?: AdmissionConfiguration; allows?: (asked: Parameters<Authorizer['authorize']>[0]) => boolean } = {}) {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: silent })
  const authorizer: Authorizer = { authorize: (asked) => ({ verdict: allows(asked) ? 'allow' : 'no-opinion', reason: '' }) }
  const plugins = admissionPlugins({ enable: [name], ...(configuration ? { configuration } : {}) }, { objects: objectReader(informers, client, clock), authorizer, informers, webhooks: createWebhooks({ informers, clock }), client, clock, log: silent })
  const plugin = plugins.find((one) => one.name === name)!
  const annotations: Record<string, string> = {}
  const run = async (asked: Asked): Promise<any> => {
    const metadata = (asked.object as { metadata?: { name?: string } } | undefined)?.metadata
    const { resource } = asked as { resource: { group: string; version: string } }
    const request = {
      operation: 'CREATE', subresource: '', namespace: 'ns', name: metadata?.name ?? '', old: undefined, object: undefined, options: {}, dryRun: false, user: { name: 'alice', groups: [] }, kind: { group: resource.group, version: resource.version },
      warn() {}, annotate: (key: string, value: string) => (annotations[key] = value), enabled: () => true, round: 0, again: false, ...asked,
    } as unknown as AdmissionRequest
    if (!plugin.handles(request.operation, request.resource, request.subresource)) return request.object
    await plugin.admit?.(request)
    await plugin.validate?.(request)
    return request.object
  }
  return { api, clock, client, run, annotations, informers }
}
const pod = (spec: object = {}, metadata: object = {}): object => ({ metadata: { name: 'p', namespace: 'ns', ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec }, status: {} })

test('AlwaysDeny refuses, AlwaysAdmit does not', async () => {
  await expect(bed('AlwaysDeny').run({ resource: pods, object: pod() })).rejects.toThrow('pods "p" is forbidden: admission control is denying all modifications')
  await bed('AlwaysAdmit').run({ resource: pods, object: pod() })
})

test('NamespaceAutoProvision makes namespaces, NamespaceExists misses them', async () => {
  const provision = bed('NamespaceAutoProvision')
  await provision.run({ resource: configmaps, object: { metadata: { name: 'a' } }, dryRun: true })
  expect(provision.api.all(namespaces)).toEqual([])
  await provision.run({ resource: configmaps, object: { metadata: { name: 'a' } } })
  expect(provision.api.read(namespaces, 'ns')).toBeDefined()
  const exists = bed('NamespaceExists')
  await expect(exists.run({ resource: configmaps, object: { metadata: { name: 'a' } } })).rejects.toThrow('namespaces "ns" not found')
  exists.api.seed(namespaces, { metadata: { name: 'ns' } })
  await exists.run({ resource: configmaps, object: { metadata: { name: 'a' } } })
})

test('AlwaysPullImages pulls', async () => {
  const { spec } = await bed('AlwaysPullImages').run({ resource: pods, object: pod({ volumes: [{ name: 'v', image: { reference: 'x' } }] }) })
  expect(spec.containers[0].imagePullPolicy).toBe('Always')
  expect(spec.volumes[0].image.pullPolicy).toBe('Always')
  // Only new images count.
  expect((await bed('AlwaysPullImages').run({ operation: 'UPDATE', resource: pods, old: pod(), object: pod() })).spec.containers[0].imagePullPolicy).toBeUndefined()
})

test('LimitPodHardAntiAffinityTopology, ExtendedResourceToleration, DenyServiceExternalIPs', async () => {
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } }
  await expect(bed('LimitPodHardAntiAffinityTopology').run({ resource: pods, object: pod({ affinity }) })).rejects.toThrow('TopologyKey zone but only key kubernetes.io/hostname is allowed')
  const gpu = pod({ containers: [{ name: 'c', image: 'i', resources: { requests: { 'example.com/gpu': '1', cpu: '1', 'kubernetes.io/x': '1' } } }] })
  expect((await bed('ExtendedResourceToleration').run({ resource: pods, object: gpu })).spec.tolerations).toEqual([{ key: 'example.com/gpu', operator: 'Exists', effect: 'NoSchedule' }])
  const service = (...externalIPs: string[]): object => ({ metadata: { name: 's' }, spec: { externalIPs } })
  const deny = bed('DenyServiceExternalIPs')
  await expect(deny.run({ resource: services, object: service('1.2.3.4') })).rejects.toThrow('services "s" is forbidden: Use of external IPs is denied by admission control')
  await deny.run({ operation: 'UPDATE', resource: services, old: service('1.2.3.4', '1.2.3.5'), object: service('1.2.3.4') })
})

test('OwnerReferencesPermissionEnforcement: who owns an object may be said by who may delete it, who holds up an owner by who may finalize it', async () => {
  const owned = (...owners: object[]): object => ({ metadata: { name: 'p', namespace: 'ns', ownerReferences: owners } })
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', uid: 'u' }
  const nobody = bed('OwnerReferencesPermissionEnforcement', { allows: () => false })
  await nobody.run({ resource: pods, object: owned(owner) })
  await expect(nobody.run({ operation: 'UPDATE', resource: pods, old: owned(), object: owned(owner) })).rejects.toThrow("cannot set an ownerRef on a resource you can't delete: , <nil>")
  await expect(nobody.run({ resource: pods, object: owned({ ...owner, blockOwnerDeletion: true }) })).rejects.toThrow("cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>")
  await expect(nobody.run({ resource: pods, object: owned({ ...owner, kind: 'Unknown', blockOwnerDeletion: true }) })).rejects.toThrow('cannot find RESTMapping for APIVersion apps/v1 Kind Unknown')
  const finalizer = bed('OwnerReferencesPermissionEnforcement', { allows: (asked) => 'subresource' in asked && asked.subresource === 'finalizers' && asked.resource === 'replicasets' && asked.namespace === 'ns' && asked.name === 'r' })
  await finalizer.run({ resource: pods, object: owned({ ...owner, blockOwnerDeletion: true }) })
})

test('PodNodeSelector and PodTolerationRestriction: a namespace has nodes and tolerations of its own', async () => {
  const key = 'scheduler.alpha.kubernetes.io/'
  const selector = bed('PodNodeSelector', { configuration: { nodeSelectors: { clusterDefaultNodeSelector: 'pool=all', ns: 'pool=blue,disk=ssd' } } })
  selector.api.seed(namespaces, { metadata: { name: 'ns', annotations: { [`${key}node-selector`]: 'pool=blue' } } }, { metadata: { name: 'other' } })
  expect((await selector.run({ resource: pods, object: pod({ nodeSelector: { disk: 'ssd' } }) })).spec.nodeSelector).toEqual({ pool: 'blue', disk: 'ssd' })
  expect((await selector.run({ resource: pods, namespace: 'other', object: pod() })).spec.nodeSelector).toEqual({ pool: 'all' })
  await expect(selector.run({ resource: pods, object: pod({ nodeSelector: { pool: 'red' } }) })).rejects.toThrow('pod node label selector conflicts with its namespace node label selector')
  await expect(selector.run({ resource: pods, object: pod({ nodeSelector: { cpu: 'fast' } }) })).rejects.toThrow('pod node label selector labels conflict with its namespace whitelist')

  const tolerations = bed('PodTolerationRestriction', { configuration: { tolerations: { whitelist: [{ key: 'a', operator: 'Exists' }] } } })
  tolerations.api.seed(namespaces, { metadata: { name: 'ns', annotations: { [`${key}defaultTolerations`]: '[{"key":"a","operator":"Equal","value":"1"}]' } } }, { metadata: { name: 'other', annotations: { [`${key}tolerationsWhitelist`]: '[{"operator":"Exists"}]' } } })
  expect((await tolerations.run({ resource: pods, object: pod() })).spec.tolerations).toEqual([{ key: 'a', operator: 'Equal', value: '1' }])
  await expect(tolerations.run({ resource: pods, object: pod({ tolerations: [{ key: 'b', operator: 'Exists' }] }) })).rejects.toThrow('conflict with its cluster whitelist')
  const busy = pod({ containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }], tolerations: [{ key: 'b', operator: 'Exists' }] })
  expect((await tolerations.run({ resource: pods, namespace: 'other', object: busy })).spec.tolerations).toHaveLength(2)
})

test('EventRateLimit counts by server, namespace, user or source, and forgives with time', async () => {
  const { run, clock } = bed('EventRateLimit', { configuration: { eventLimits: [{ type: 'Namespace', qps: 1, burst: 2 }] } })
  const event = (namespace = 'ns'): Asked => ({ resource: events, namespace, object: { metadata: { name: 'e' } } })
  await run(event())
  await run(event())
  await expect(run(event())).rejects.toMatchObject({ code: 429, message: 'limit reached on type Namespace for key ns' })
  await run(event('other'))
  await run({ ...event(), dryRun: true })
  await clock.advance(1000)
  await run(event())
})

test('PodResizeValidator and NodeDeclaredFeatureValidator look at the node', async () => {
  const asks = (cpu: string, generation: number, spec: object = {}): object => pod({ nodeName: 'n', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], ...spec }, { generation })
  const resize = bed('PodResizeValidator')
  const asked = (spec: object): Asked => ({ operation: 'UPDATE', subresource: 'resize', resource: pods, old: asks('1', 1), object: spec })
  await expect(resize.run(asked(asks('2', 2)))).rejects.toThrow('node "n" not found')
  resize.api.seed(nodes, { metadata: { name: 'n' }, status: { allocatable: { cpu: '3', memory: '1Gi' } } })
  await resize.run(asked(asks('3', 2)))
  await expect(resize.run(asked(asks('4', 2)))).rejects.toThrow(`node didn't have enough allocatable resources: cpu, requested: 4000, allocatable: 3000`)
  const features = bed('NodeDeclaredFeatureValidator')
  features.api.seed(nodes, { metadata: { name: 'n' }, status: {} })
  await features.run(asked(asks('2', 2)))
  await expect(features.run(asked(asks('2', 2, { resources: { requests: { cpu: '2' } } })))).rejects.toThrow('pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node "n"')
})

test('the plugins of pod groups', async () => {
  const podgroups = { group: 'scheduling.k8s.io', version: 'v1alpha2', resource: 'podgroups', kind: 'PodGroup', namespaced: true }
  const workloads = { ...podgroups, resource: 'workloads', kind: 'Workload' }
  expect((await bed('PodGroupProtection').run({ resource: podgroups, object: { metadata: { name: 'g' } } })).metadata.finalizers).toEqual(['scheduling.k8s.io/podgroup-protection'])
  const group = (template: string): object => ({ metadata: { name: 'g' }, spec: { podGroupTemplateRef: { workload: { workloadName: 'w', podGroupTemplateName: template } } } })
  const exists = bed('PodGroupWorkloadExists')
  await expect(exists.run({ resource: podgroups, object: group('t') })).rejects.toThrow('PodGroup rejected: Workload "w" not found')
  exists.api.seed(workloads, { metadata: { namespace: 'ns', name: 'w' }, spec: { podGroupTemplates: [{ name: 't' }] } })
  await exists.run({ resource: podgroups, object: group('t') })
  await expect(exists.run({ resource: podgroups, object: group('u') })).rejects.toThrow('PodGroupTemplate "u" not found in Workload "w"')
  const job = (parallelism: number): object => ({ metadata: { name: 'j', namespace: 'ns', uid: 'u' }, spec: { parallelism, template: { spec: {} } } })
  const gang = bed('JobValidation')
  gang.api.seed(podgroups, { metadata: { namespace: 'ns', name: 'g', ownerReferences: [{ controller: true, uid: 'u' }] }, spec: { schedulingPolicy: { gang: {} } } })
  await gang.informers.get(podgroups).synced
  await gang.run({ operation: 'UPDATE', resource: jobs, old: job(1), object: job(1) })
  await expect(gang.run({ operation: 'UPDATE', resource: jobs, old: job(1), object: job(2) })).rejects.toThrow('cannot change parallelism for a Job referencing gang-scheduled PodGroup "g"')
})

test('ClusterTrustBundleAttest asks who speaks for a signer', async () => {
  const bundles = { group: 'certificates.k8s.io', version: 'v1beta1', resource: 'clustertrustbundles', kind: 'ClusterTrustBundle', namespaced: false }
  const bundle = (finalizers: string[]): object => ({ metadata: { name: 'b', finalizers }, spec: { signerName: 'a.io/b' } })
  const nobody = bed('ClusterTrustBundleAttest', { allows: () => false })
  await expect(nobody.run({ resource: bundles, object: bundle([]) })).rejects.toThrow('user not permitted to attest for signerName "a.io/b"')
  await nobody.run({ operation: 'UPDATE', resource: bundles, old: bundle(['x']), object: bundle([]) })
})

test('what is limited by default needs a quota', async () => {
  const { api, run, informers } = bed('ResourceQuota', { configuration: { limitedResources: [{ resource: 'pods', matchContains: ['requests.cpu'] }] } })
  const busy = pod({ containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] })
  await expect(run({ resource: pods, object: busy })).rejects.toThrow('insufficient quota to consume: requests.cpu')
  await run({ resource: pods, object: pod() })
  api.seed(resourcequotas, { metadata: { namespace: 'ns', name: 'q' }, spec: { hard: { 'requests.cpu': '2' } }, status: { hard: { 'requests.cpu': '2' }, used: { 'requests.cpu': '0' } } })
  await informers.get(resourcequotas).synced
  await new Promise((resolve) => setImmediate(resolve))
  await run({ resource: pods, object: busy })
})

test('the configuration file tells the plugins; what is wrong with it is named', async () => {
  await using server = await startHttpsServer(['images'], ({ body }) => ({ body: { ...body, status: { allowed: body.spec.containers[0].image !== 'bad', reason: 'bad image', auditAnnotations: { seen: 'yes' } } } }))
  const directory = mkdtempSync(join(tmpdir(), 'admission-'))
  const file = join(directory, 'config.yaml')
  const configured = (plugins: object[]): Promise<AdmissionConfiguration> => {
    writeFileSync(file, JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration', plugins }))
    return readAdmissionConfiguration(file)
  }
  try {
    const limits = { apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1', kind: 'Configuration', limits: [{ type: 'Server', qps: 5, burst: 10 }] }
    writeFileSync(join(directory, 'limits.yaml'), JSON.stringify(limits))
    writeFileSync(join(directory, 'images.kubeconfig'), JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: server.url, 'certificate-authority-data': server.caBundle } }], users: [], contexts: [{ name: 'x', context: { cluster: 'c', user: '' } }], 'current-context': 'x',
    }))
    const configuration = await configured([
      { name: 'EventRateLimit', path: 'limits.yaml' }, { name: 'ImagePolicyWebhook', configuration: { imagePolicy: { kubeConfigFile: 'images.kubeconfig' } } },
      { name: 'PodSecurity', configuration: { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration', defaults: { enforce: 'baseline' }, exemptions: { namespaces: ['kube-system'] } } },
    ])
    expect(configuration).toMatchObject({ eventLimits: [{ type: 'Server' }], podSecurity: { defaults: { enforce: 'baseline' }, exemptions: { namespaces: ['kube-system'] } } })
    const images = bed('ImagePolicyWebhook', { configuration })
    const labelled = { annotations: { 'my.image-policy.k8s.io/ticket': '1', other: '2' } }
    await images.run({ resource: pods, object: pod({}, labelled) })
    await images.run({ resource: pods, object: pod({}, labelled) })
    expect(server.asked.map(({ body }) => body)).toEqual([{ kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', spec: { containers: [{ image: 'i' }], annotations: { 'my.image-policy.k8s.io/ticket': '1' }, namespace: 'ns' } }])
    expect(images.annotations).toEqual({ 'imagepolicywebhook.image-policy.k8s.io/seen': 'yes' })
    await expect(images.run({ resource: pods, object: pod({ containers: [{ name: 'c', image: 'bad' }] }) })).rejects.toThrow('image policy webhook backend denied one or more images: bad image')
    const one = (name: string, own: object): Promise<AdmissionConfiguration> => configured([{ name, configuration: own }])
    await expect(one('EventRateLimit', { ...limits, limits: [] })).rejects.toThrow('plugin EventRateLimit: limits: Invalid value: []: must not be empty')
    await expect(one('PodSecurity', { apiVersion: 'v1', kind: 'X' })).rejects.toThrow('plugin PodSecurity: its configuration is v1 X; known is pod-security.admission.config.k8s.io/v1 PodSecurityConfiguration')
    await expect(one('Priority', {})).rejects.toThrow('plugin Priority: it takes no configuration')
  } finally {
    rmSync(directory, { recursive: true })
  }
})
