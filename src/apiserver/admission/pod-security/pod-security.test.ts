import { expect, test } from 'vitest'
import { deployments } from '#api/apps/v1/deployment'
import { namespaces } from '#api/core/v1/namespace'
import { pods } from '#api/core/v1/pod'
import type { AdmissionRequest } from '../plugin'
import { podSecurity } from './pod-security'

const label = 'pod-security.kubernetes.io/'
async function admit(labels: Record<string, string>, request: object, existing: readonly object[] = [], options: Omit<Parameters<typeof podSecurity>[0], 'objects'> = {}, annotations: Record<string, string> = {}): Promise<string[]> {
  const warnings: string[] = []
  const reader = { get: () => ({ metadata: { labels } }), list: () => existing } as never
  const whole = { operation: 'CREATE', subresource: '', namespace: 'ns', name: 'p', resource: pods, old: undefined, user: { name: 'alice', groups: [] }, warn: (text: string) => warnings.push(text), annotate: (key: string, value: string) => (annotations[key] = value), ...request } as unknown as AdmissionRequest
  const plugin = podSecurity({ objects: reader, ...options })
  if (plugin.handles(whole.operation, whole.resource, whole.subresource)) await plugin.validate!(whole)
  return warnings
}
const pod = (spec: object = {}, container: object = {}, metadata: object = {}) => ({ object: { metadata: { name: 'p', ...metadata }, spec: { containers: [{ name: 'c', image: 'x', ...container }], ...spec } } })

// The messages of a real server.
test.each([
  [pod({ hostNetwork: true, hostPID: true, volumes: [{ name: 'h', hostPath: { path: '/x' } }] }, { ports: [{ containerPort: 80, hostPort: 80 }], securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }),
    'non-default capabilities (container "c" must not include "SYS_ADMIN" in securityContext.capabilities.add), host namespaces (hostNetwork=true, hostPID=true), hostPath volumes (volume "h"), hostPort (container "c" uses hostPort 80)'],
  [pod({ securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }), 'forbidden sysctls (kernel.msgmax)'],
  [pod({ securityContext: { seLinuxOptions: { user: 'x', role: 'y', type: 'z' } } }), 'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "z"; user may not be set; role may not be set)'],
  [pod({ securityContext: { seccompProfile: { type: 'Unconfined' } } }), 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'],
])('baseline refuses %#', async (request, detail) => {
  await expect(admit({ [`${label}enforce`]: 'baseline' }, request)).rejects.toThrow(`pods "p" is forbidden: violates PodSecurity "baseline:latest": ${detail}`)
  await admit({}, request)
})

test('old versions of the standard know annotations, not fields', async () => {
  const labels = { [`${label}enforce`]: 'baseline', [`${label}enforce-version`]: 'v1.18' }
  await admit(labels, pod({ securityContext: { seccompProfile: { type: 'Unconfined' } } }))
  const annotated = pod({}, {}, { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' } })
  await expect(admit(labels, annotated)).rejects.toThrow('violates PodSecurity "baseline:v1.18": seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")')
})

test('restricted names all that is missing; a careful pod passes', async () => {
  await expect(admit({ [`${label}enforce`]: 'restricted', [`${label}enforce-version`]: 'v1.30' }, pod())).rejects.toThrow(
    'violates PodSecurity "restricted:v1.30": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), '
      + 'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), '
      + 'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  )
  const careful = pod({ securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } }, { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } })
  expect(await admit({ [`${label}enforce`]: 'restricted' }, careful)).toEqual([])
})

test('templates are only warned of, and running pods are left alone', async () => {
  const template = { resource: deployments, object: { metadata: { name: 'd' }, spec: { template: pod({ hostPID: true }).object } } }
  expect(await admit({ [`${label}enforce`]: 'baseline' }, template)).toEqual(['would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)'])
  const running = pod({ hostPID: true }).object
  await admit({ [`${label}enforce`]: 'baseline' }, { operation: 'UPDATE', object: running, old: running })
  await admit({ [`${label}enforce`]: 'baseline' }, { operation: 'UPDATE', subresource: 'status', object: running, old: running })
})

test('labels of namespaces are checked, and pods that are there already are told of', async () => {
  const namespace = (level: string) => ({ metadata: { name: 'ns', labels: { [`${label}enforce`]: level } } })
  await expect(admit({}, { resource: namespaces, name: 'ns', object: namespace('nope') })).rejects.toThrow(
    'Namespace "ns" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "nope": must be one of privileged, baseline, restricted',
  )
  const existing = ['a', 'b'].map((name) => pod({ hostPID: true }, {}, { name }).object)
  expect(await admit({}, { operation: 'UPDATE', resource: namespaces, name: 'ns', object: namespace('baseline'), old: { metadata: { name: 'ns' } } }, existing)).toEqual([
    'existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"', 'a (and 1 other pod): host namespaces',
  ])
})

test('defaults stand in for labels, some are let off, and the audit log learns of it', async () => {
  const strict = { defaults: { enforce: 'baseline', audit: 'restricted' } as const, exemptions: { namespaces: ['kube-system'], usernames: ['root'], runtimeClasses: ['vm'] } }
  const bad = pod({ hostNetwork: true })
  await expect(admit({}, bad, [], strict)).rejects.toThrow('violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)')
  await admit({ [`${label}enforce`]: 'privileged' }, bad, [], strict)
  const notes: Record<string, string>[] = [{}, {}, {}, {}]
  await admit({}, { ...bad, namespace: 'kube-system' }, [], strict, notes[0])
  await admit({}, { ...bad, user: { name: 'root', groups: [] } }, [], strict, notes[1])
  await admit({}, pod({ hostNetwork: true, runtimeClassName: 'vm' }), [], strict, notes[2])
  await admit({}, pod(), [], strict, notes[3])
  expect(notes.slice(0, 3)).toEqual(['namespace', 'user', 'runtimeClass'].map((by) => ({ 'pod-security.kubernetes.io/exempt': by })))
  expect(notes[3]).toEqual({ 'pod-security.kubernetes.io/enforce-policy': 'baseline:latest', 'pod-security.kubernetes.io/audit-violations': expect.stringMatching(/^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation/) })
})
