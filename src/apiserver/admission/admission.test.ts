import { describe, expect, test } from 'vitest'
import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import { limitranges } from '#api/core/v1/limit-range'
import { namespaces } from '#api/core/v1/namespace'
import { nodes } from '#api/core/v1/node'
import { resourcequotas } from '#api/core/v1/resource-quota'
import { services } from '#api/core/v1/service'
import { persistentvolumeclaims } from '#api/core/v1/persistent-volume-claim'
import { pods } from '#api/core/v1/pod'
import { serviceaccounts } from '#api/core/v1/service-account'
import { leases } from '#api/coordination/v1/lease'
import { ingresses } from '#api/networking/v1/ingress'
import { ingressclasses } from '#api/networking/v1/ingress-class'
import { runtimeclasses } from '#api/node/v1/runtime-class'
import { priorityclasses } from '#api/scheduling/v1/priority-class'
import { storageclasses } from '#api/storage/v1/storage-class'
import { createFakeClock } from '#base/fake-clock'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import { generateKey } from '#component-base/certs/keys'
import { createRequest } from '#component-base/certs/request'
import { silent } from '#component-base/log'
import { objectReader } from '../authentication/objects'
import { createWebhooks } from '../webhook/webhooks'
import { admissionPlugins, orderedPlugins } from './chain'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'

const alice = { name: 'alice', groups: [] }
const n1 = { name: 'system:node:n1', groups: ['system:nodes'] }

function setUp(options: Parameters<typeof admissionPlugins>[0] = { enable: ['NodeRestriction'] }) {
  const clock = createFakeClock()
  const api = createFakeApi({ clock })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: silent })
  const authorizer = { authorize: ({ name }: { name: string }) => ({ verdict: name === 'mine.io/*' ? ('allow' as const) : ('no-opinion' as const), reason: '' }) }
  const plugins = admissionPlugins(options, { objects: objectReader(informers, client, clock), authorizer, informers, webhooks: createWebhooks({ informers, clock }), client, clock, log: silent })
  api.seed(namespaces, { metadata: { name: 'ns' }, status: { phase: 'Active' } }, { metadata: { name: 'going' }, status: { phase: 'Terminating' } })
  api.seed(serviceaccounts, { metadata: { namespace: 'ns', name: 'default' } })
  const run = async (request: Partial<Omit<AdmissionRequest, 'resource' | 'object' | 'old'>> & { resource: unknown; object?: unknown; old?: unknown }, only?: string): Promise<any> => {
    const whole = {
      operation: 'CREATE', subresource: '', namespace: 'ns', name: (request.object as { metadata?: { name?: string } } | undefined)?.metadata?.name ?? '', old: undefined, object: undefined, options: {}, dryRun: false, user: alice, warn() {}, annotate() {}, enabled: () => true, round: 0, again: false, ...request,
    } as AdmissionRequest
    const asked = plugins.filter((plugin: AdmissionPlugin) => (!only || plugin.name === only) && plugin.handles(whole.operation, whole.resource, whole.subresource))
    for (const plugin of asked) await plugin.admit?.(whole)
    for (const plugin of asked) await plugin.validate?.(whole)
    return whole.object
  }
  return { api, clock, run, plugins, informers }
}
const pod = (spec: object = {}, metadata: object = {}) => ({ metadata: { name: 'p', namespace: 'ns', ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } })

test('every plugin of the original is there, and they are asked in its order', () => {
  const { plugins } = setUp()
  const names = plugins.map(({ name }) => name)
  expect(names).toEqual(orderedPlugins.filter((name) => names.includes(name)))
  expect(names).toContain('NodeRestriction')
  const ready = orderedPlugins.filter((name) => name !== 'ImagePolicyWebhook')
  expect(setUp({ enable: ready.toReversed() }).plugins.map(({ name }) => name)).toEqual(ready)
  expect(setUp({ disable: ['Priority'] }).plugins.map(({ name }) => name)).not.toContain('Priority')
  expect(() => setUp({ enable: ['Flying'] })).toThrow('enable-admission-plugins plugin "Flying" is unknown')
  expect(() => setUp({ enable: ['ImagePolicyWebhook'] })).toThrow('admission plugin ImagePolicyWebhook needs its configuration in --admission-control-config-file')
  expect(() => setUp({ enable: ['Priority'], disable: ['Priority'] })).toThrow('overlapped')
})

test('a pod as it comes out', async () => {
  const { run } = setUp()
  const { spec } = await run({ resource: pods, object: pod() })
  const name = spec.volumes[0].name
  expect(name).toMatch(/^kube-api-access-[a-z0-9]{5}$/)
  expect(spec).toEqual({
    serviceAccountName: 'default', priority: 0, preemptionPolicy: 'PreemptLowerPriority',
    containers: [{ name: 'c', image: 'i', volumeMounts: [{ name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] }],
    tolerations: ['not-ready', 'unreachable'].map((what) => ({ key: `node.kubernetes.io/${what}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
    volumes: [{ name, projected: { defaultMode: 420, sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ] } }],
  })
})

describe('NamespaceLifecycle', () => {
  test.each([
    [{ namespace: 'gone', resource: pods, object: pod() }, 'namespaces "gone" not found'],
    [{ namespace: 'going', resource: pods, object: pod() }, 'pods "p" is forbidden: unable to create new content in namespace going because it is being terminated'],
    [{ operation: 'DELETE' as const, namespace: '', name: 'kube-system', resource: namespaces }, 'namespaces "kube-system" is forbidden: this namespace may not be deleted'],
  ])('%#', async (request, message) => {
    const { run } = setUp()
    await expect(run(request, 'NamespaceLifecycle')).rejects.toThrow(message)
  })

  test('what is on its way out may change and go; right after a deletion memory is not trusted', async () => {
    const { run, api, informers } = setUp()
    await run({ operation: 'UPDATE', namespace: 'going', resource: pods, object: pod(), old: pod() }, 'NamespaceLifecycle')
    await run({ operation: 'DELETE', namespace: 'gone', name: 'p', resource: pods }, 'NamespaceLifecycle')
    await informers.get(namespaces).synced
    await run({ operation: 'DELETE', namespace: '', name: 'ns', resource: namespaces }, 'NamespaceLifecycle')
    api.cutWatches()
    api.seed(namespaces, { metadata: { name: 'ns' }, status: { phase: 'Terminating' } })
    await expect(run({ resource: pods, object: pod() }, 'NamespaceLifecycle')).rejects.toMatchObject({
      status: { details: { causes: [{ reason: 'NamespaceTerminating', message: 'namespace ns is being terminated', field: 'metadata.namespace' }] } },
    })
  })
})

describe('ServiceAccount', () => {
  test('a pod waits for the default account of a new namespace, but not for ever', async () => {
    const { run, api, clock } = setUp()
    api.vanish(serviceaccounts, 'ns/default')
    const waiting = run({ resource: pods, object: pod() }, 'ServiceAccount')
    await new Promise((resolve) => setImmediate(resolve))
    api.seed(serviceaccounts, { metadata: { namespace: 'ns', name: 'default' }, imagePullSecrets: [{ name: 'registry' }] })
    expect((await waiting).spec.imagePullSecrets).toEqual([{ name: 'registry' }])
    api.vanish(serviceaccounts, 'ns/default')
    await new Promise((resolve) => setImmediate(resolve))
    const failing = expect(run({ resource: pods, object: pod() }, 'ServiceAccount')).rejects.toThrow('pods "p" is forbidden: error looking up service account ns/default: serviceaccount "default" not found')
    await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(2000)
    await failing
  })

  test.each([
    [pod({ serviceAccountName: 'gone' }), 'error looking up service account ns/gone: serviceaccount "gone" not found'],
    [pod({ serviceAccountName: 'x' }, { annotations: { 'kubernetes.io/config.mirror': 'h' } }), 'a mirror pod may not reference service accounts'],
    [pod({ serviceAccountName: 'strict', volumes: [{ name: 'v', secret: { secretName: 'other' } }] }), 'volume with secret.secretName="other" is not allowed because service account strict does not reference that secret'],
  ])('refuses %#', async (object, message) => {
    const { run, api } = setUp()
    api.seed(serviceaccounts, { metadata: { namespace: 'ns', name: 'strict', annotations: { 'kubernetes.io/enforce-mountable-secrets': 'true' } }, secrets: [{ name: 'own' }] })
    await expect(run({ resource: pods, object }, 'ServiceAccount')).rejects.toThrow(message)
  })

  test('whoever wants no token gets none', async () => {
    const { run } = setUp()
    expect((await run({ resource: pods, object: pod({ automountServiceAccountToken: false }) }, 'ServiceAccount')).spec.volumes).toBeUndefined()
  })
})

test('Priority: names become numbers', async () => {
  const { run, api, informers } = setUp()
  api.seed(priorityclasses, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' }, { metadata: { name: 'usual' }, value: 7, globalDefault: true, preemptionPolicy: 'PreemptLowerPriority' })
  await informers.get(priorityclasses).synced
  expect((await run({ resource: pods, object: pod({ priorityClassName: 'high' }) }, 'Priority')).spec).toMatchObject({ priority: 1000, preemptionPolicy: 'Never' })
  expect((await run({ resource: pods, object: pod() }, 'Priority')).spec).toMatchObject({ priority: 7, priorityClassName: 'usual' })
  expect((await run({ operation: 'UPDATE', resource: pods, object: pod(), old: pod({ priority: 3 }) }, 'Priority')).spec.priority).toBe(3)
  await expect(run({ resource: pods, object: pod({ priorityClassName: 'gone' }) }, 'Priority')).rejects.toThrow('pods "p" is forbidden: no PriorityClass with name gone was found')
  await expect(run({ resource: pods, object: pod({ priorityClassName: 'high', priority: 5 }) }, 'Priority')).rejects.toThrow(
    'the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
  )
  await expect(run({ resource: priorityclasses, object: { metadata: { name: 'second' }, value: 1, globalDefault: true } }, 'Priority')).rejects.toThrow('PriorityClass usual is already marked as default. Only one default can exist')
})

test('tolerations that are there are kept', async () => {
  const { run } = setUp()
  const tolerations = [{ operator: 'Exists' }]
  expect((await run({ resource: pods, object: pod({ tolerations }) }, 'DefaultTolerationSeconds')).spec.tolerations).toEqual(tolerations)
})

test('storage: finalizers, the default class, growth', async () => {
  const { run, api, informers } = setUp()
  const claim = (spec: object = {}, status: object = {}) => ({ metadata: { name: 'c', namespace: 'ns' }, spec, status })
  expect((await run({ resource: persistentvolumeclaims, object: claim() })).metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  api.seed(storageclasses, { metadata: { name: 'old', annotations: isDefault, creationTimestamp: '2025-01-01T00:00:00Z' } }, { metadata: { name: 'new', annotations: isDefault, creationTimestamp: '2025-06-01T00:00:00Z' }, allowVolumeExpansion: true })
  await informers.get(storageclasses).synced
  await new Promise((resolve) => setImmediate(resolve))
  expect((await run({ resource: persistentvolumeclaims, object: claim() })).spec.storageClassName).toBe('new')
  expect((await run({ resource: persistentvolumeclaims, object: claim({ storageClassName: '' }) })).spec.storageClassName).toBe('')
  const sized = (storage: string, storageClassName: string) => claim({ storageClassName, resources: { requests: { storage } } }, { phase: 'Bound' })
  const resize = (object: object, old: object) => run({ operation: 'UPDATE', resource: persistentvolumeclaims, object, old }, 'PersistentVolumeClaimResize')
  await resize(sized('2Gi', 'new'), sized('1Gi', 'new'))
  await resize(sized('1024Mi', 'old'), sized('1Gi', 'old'))
  await expect(resize(sized('2Gi', 'old'), sized('1Gi', 'old'))).rejects.toThrow('only dynamically provisioned pvc can be resized')
  await expect(resize(sized('2Gi', 'new'), { ...sized('1Gi', 'new'), status: {} })).rejects.toThrow('Only bound persistent volume claims can be expanded')
})

test('certificates: who approves and signs, and for whom', async () => {
  const { run } = setUp()
  const csr = (signerName: string, organizations: string[] = [], status: object = {}) => ({
    metadata: { name: 'r' }, spec: { signerName, request: Buffer.from(createRequest(generateKey(), { commonName: 'x', organizations })).toString('base64') }, status,
  })
  const update = (subresource: string, signer: string) =>
    run({ operation: 'UPDATE', subresource, namespace: '', resource: certificatesigningrequests, object: csr(signer, [], { certificate: 'x' }), old: csr(signer) })
  await update('approval', 'mine.io/a')
  await update('status', 'mine.io/a')
  await expect(update('approval', 'other.io/a')).rejects.toThrow('certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to approve requests with signerName "other.io/a"')
  await expect(update('status', 'other.io/a')).rejects.toThrow('user not permitted to sign requests with signerName "other.io/a"')
  await expect(run({ namespace: '', resource: certificatesigningrequests, object: csr('kubernetes.io/kube-apiserver-client', ['system:masters']) })).rejects.toThrow(
    'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  )
})

test('nodes start tainted; an Ingress and a bound pod learn what they lack', async () => {
  const { run, api, informers } = setUp()
  expect((await run({ namespace: '', resource: nodes, object: { metadata: { name: 'n' }, spec: {} } })).spec.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }])
  api.seed(ingressclasses, { metadata: { name: 'nginx', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } } })
  api.seed(nodes, { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': 'a', other: 'x' } } })
  await Promise.all([informers.get(ingressclasses).synced, informers.get(nodes).synced])
  await new Promise((resolve) => setImmediate(resolve))
  expect((await run({ resource: ingresses, object: { metadata: { name: 'i' }, spec: {} } })).spec.ingressClassName).toBe('nginx')
  const binding = await run({ resource: pods, subresource: 'binding', object: { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } } }, 'PodTopologyLabels')
  expect(binding.metadata.labels).toEqual({ 'topology.kubernetes.io/zone': 'a' })
})

test('RuntimeClass: overhead and scheduling', async () => {
  const { run, api } = setUp()
  api.seed(runtimeclasses, { metadata: { name: 'rc' }, handler: 'h', overhead: { podFixed: { cpu: '250m' } }, scheduling: { nodeSelector: { rt: 'yes' }, tolerations: [{ key: 'rt', operator: 'Exists' }] } })
  const admit = (spec: object) => run({ resource: pods, object: pod(spec) }, 'RuntimeClass')
  expect((await admit({ runtimeClassName: 'rc' })).spec).toMatchObject({ overhead: { cpu: '250m' }, nodeSelector: { rt: 'yes' }, tolerations: [{ key: 'rt', operator: 'Exists' }] })
  await expect(admit({ runtimeClassName: 'rc', overhead: { cpu: '1' } })).rejects.toThrow(`pods "p" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`)
  await expect(admit({ runtimeClassName: 'rc', nodeSelector: { rt: 'no' } })).rejects.toThrow('conflict: runtimeClass.scheduling.nodeSelector[rt] = yes; pod.spec.nodeSelector[rt] = no')
  await expect(admit({ runtimeClassName: 'gone' })).rejects.toThrow('pod rejected: RuntimeClass "gone" not found')
  await expect(admit({ overhead: { cpu: '1' } })).rejects.toThrow('pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
})

describe('LimitRanger', () => {
  const limits = [
    { type: 'Container', default: { cpu: '500m', memory: '256Mi' }, defaultRequest: { cpu: '100m', memory: '256Mi' }, max: { cpu: '2', memory: '1Gi' }, min: { cpu: '50m' }, maxLimitRequestRatio: { cpu: '10' } },
    { type: 'Pod', max: { cpu: '3' } },
  ]
  const admit = async (spec: object) => {
    const { run, api, informers } = setUp()
    api.seed(limitranges, { metadata: { namespace: 'ns', name: 'lr' }, spec: { limits } })
    await informers.get(limitranges).synced
    return run({ resource: pods, object: pod(spec) }, 'LimitRanger')
  }
  test('fills in and says what', async () => {
    const { metadata, spec } = await admit({ containers: [{ name: 'c' }, { name: 'd', resources: { requests: { memory: '1Mi' } } }], initContainers: [{ name: 'i' }] })
    expect(metadata.annotations).toEqual({
      'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c; cpu request for container d; cpu, memory limit for container d; cpu, memory request for init container i; cpu, memory limit for init container i',
    })
    expect(spec.containers[1].resources).toEqual({ requests: { cpu: '100m', memory: '1Mi' }, limits: { cpu: '500m', memory: '256Mi' } })
  })
  const sized = (requests: object, limit: object, name = 'c') => ({ name, resources: { requests, limits: limit } })
  test.each([
    [[sized({ cpu: '10m' }, { cpu: '90m' })], 'minimum cpu usage per Container is 50m, but request is 10m'],
    [[sized({ cpu: '1' }, { cpu: '2500m' })], 'maximum cpu usage per Container is 2, but limit is 2500m'],
    [[sized({ cpu: '100m' }, { cpu: '1500m' })], 'cpu max limit to request ratio per Container is 10, but provided ratio is 15.000000'],
    [[sized({ cpu: '1' }, { cpu: '2' }), sized({ cpu: '1' }, { cpu: '2' }, 'd')], 'maximum cpu usage per Pod is 3, but limit is 4'],
  ])('refuses %#', async (containers, message) => {
    await expect(admit({ containers })).rejects.toThrow(`pods "p" is forbidden: ${message}`)
  })
})

describe('NodeRestriction', () => {
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'n1-uid', controller: true }
  const mirror = (spec: object = {}, metadata: object = {}) => ({
    metadata: { name: 'm', namespace: 'ns', annotations: { 'kubernetes.io/config.mirror': 'h' }, ownerReferences: [owner], ...metadata }, spec: { nodeName: 'n1', containers: [], ...spec },
  })
  const node = (labels: object, extra: object = {}) => ({ metadata: { name: 'n1', labels, ...extra }, spec: {} })
  const as = async (request: object) => {
    const { run, api } = setUp()
    api.seed(nodes, { metadata: { name: 'n1', uid: 'n1-uid' } })
    api.seed(pods, { metadata: { namespace: 'ns', name: 'own', uid: 'u' }, spec: { nodeName: 'n1', volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken: { audience: 'vault', path: 't' } }] } }] } })
    api.seed(pods, { metadata: { namespace: 'ns', name: 'foreign', uid: 'f' }, spec: { nodeName: 'n2' } })
    return run({ user: n1, resource: pods, ...request } as never, 'NodeRestriction')
  }
  const token = (audiences: string[], boundObjectRef?: object) => ({ resource: serviceaccounts, subresource: 'token', name: 'bot', object: { spec: { audiences, boundObjectRef } } })
  const bound = { apiVersion: 'v1', kind: 'Pod', name: 'own', uid: 'u' }

  test.each([
    [{ object: mirror() }], [{ operation: 'DELETE', name: 'own' }], [{ operation: 'UPDATE', subresource: 'status', object: mirror(), old: mirror() }],
    [{ resource: nodes, object: node({ 'kubernetes.io/hostname': 'n1', 'node.kubernetes.io/x': 'y', mine: 'z' }) }],
    [{ resource: leases, namespace: 'kube-node-lease', object: { metadata: { name: 'n1' } } }], [token(['vault'], bound)], [token([''.concat('vault')], bound)],
    [{ object: pod(), user: alice }],
  ])('allows %#', async (request) => {
    await as(request)
  })

  test.each([
    [{ object: pod() }, 'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods'],
    [{ object: mirror({ nodeName: 'n2' }) }, 'node "n1" can only create pods with spec.nodeName set to itself'],
    [{ object: mirror({}, { ownerReferences: [{ ...owner, uid: 'x' }] }) }, 'node n1 UID mismatch: expected x got n1-uid'],
    [{ object: mirror({ volumes: [{ name: 'c', persistentVolumeClaim: { claimName: 'x' } }] }) }, 'node "n1" can not create pods that reference persistentvolumeclaims'],
    [{ operation: 'DELETE', name: 'foreign' }, 'node "n1" can only delete pods with spec.nodeName set to itself'],
    [{ subresource: 'eviction', name: 'foreign', object: { metadata: {} } }, 'node n1 can only evict pods with spec.nodeName set to itself'],
    [{ resource: nodes, object: { metadata: { name: 'n2' } }, name: 'n2' }, 'node "n1" is not allowed to modify node "n2"'],
    [{ resource: nodes, object: node({ 'node-restriction.kubernetes.io/a': '1', 'foo.k8s.io/b': '2' }) }, 'node "n1" is not allowed to set the following labels: foo.k8s.io/b, node-restriction.kubernetes.io/a'],
    [{ resource: nodes, operation: 'UPDATE', object: { ...node({}), spec: { taints: [] } }, old: { ...node({}), spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } } }, 'node "n1" is not allowed to modify taints'],
    [{ resource: leases, object: { metadata: { name: 'n1' } } }, 'can only access leases in the "kube-node-lease" system namespace'],
    [token([]), 'node requested token not bound to a pod'],
    [token([], { ...bound, name: 'foreign', uid: 'f' }), 'node requested token bound to a pod scheduled on a different node'],
    [token(['other'], bound), 'audience "other" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience'],
  ])('refuses %#', async (request, message) => {
    await expect(as(request)).rejects.toThrow(message)
  })
})

describe('ResourceQuota', () => {
  const start = async (hard: object, used: object, spec: object = {}) => {
    const made = setUp()
    made.api.seed(resourcequotas, { metadata: { namespace: 'ns', name: 'q', uid: 'q-uid' }, spec: { hard, ...spec }, status: { hard, used } })
    await made.informers.get(resourcequotas).synced
    const usedNow = (): unknown => made.api.read<any>(resourcequotas, 'ns/q').status.used
    return { ...made, usedNow, create: (object: object, more: object = {}) => made.run({ resource: pods, object, ...more }, 'ResourceQuota') }
  }
  const sized = (cpu: string, memory: string) => pod({ containers: [{ name: 'c', resources: { requests: { cpu }, limits: { memory } } }] })

  test('charges before the write, also two at once, and refuses what is too much', async () => {
    const { create, usedNow } = await start({ pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi' }, { pods: '0', 'requests.cpu': '0', 'limits.memory': '0' })
    await create(sized('400m', '256Mi'))
    expect(usedNow()).toEqual({ pods: '1', 'requests.cpu': '400m', 'limits.memory': '256Mi' })
    await expect(create(pod())).rejects.toThrow('pods "p" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c')
    await expect(create(sized('700m', '1Mi'))).rejects.toThrow('exceeded quota: q, requested: requests.cpu=700m, used: requests.cpu=400m, limited: requests.cpu=1')
    await expect(create(sized('700m', '2Gi'))).rejects.toThrow('exceeded quota: q, requested: limits.memory=2Gi,requests.cpu=700m, used: limits.memory=256Mi,requests.cpu=400m, limited: limits.memory=1Gi,requests.cpu=1')
    await create(sized('100m', '1Mi'), { dryRun: true })
    const both = await Promise.allSettled([create(sized('1m', '1Mi')), create(sized('1m', '1Mi'))])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(usedNow()).toMatchObject({ pods: '2' })
  })

  test('scopes, counts of anything, and quotas that are not counted yet', async () => {
    const scoped = await start({ pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] })
    await scoped.create(sized('1', '1Gi'))
    await expect(scoped.create(pod())).rejects.toThrow('exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0')
    const counted = await start({ 'count/leases.coordination.k8s.io': '0', 'services.nodeports': '0' }, { 'count/leases.coordination.k8s.io': '0', 'services.nodeports': '0' })
    await expect(counted.create({ metadata: { name: 'l' } }, { resource: leases })).rejects.toThrow('exceeded quota: q, requested: count/leases.coordination.k8s.io=1, used: count/leases.coordination.k8s.io=0')
    await expect(counted.create({ metadata: { name: 's' }, spec: { type: 'NodePort', ports: [{ port: 80 }] } }, { resource: services })).rejects.toThrow('requested: services.nodeports=1')
    await expect((await start({ pods: '1' }, {})).create(pod())).rejects.toThrow('status unknown for quota: q, resources: pods')
  })
})
