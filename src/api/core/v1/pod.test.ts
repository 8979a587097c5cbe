import { describe, expect, test } from 'vitest'
import { cells, context, created, refusals, updateRefusals } from '../../testing/written'
import { pods } from './pod'
import type { Pod } from './types'

const container = { name: 'c', image: 'nginx' }
const pod = (spec: object = {}): { spec: object } => ({ spec: { containers: [container], ...spec } })

describe('defaults', () => {
  test.each([['nginx', 'Always'], ['nginx:latest', 'Always'], ['nginx:1.27', 'IfNotPresent'], ['reg:5000/nginx', 'Always'], ['nginx@sha256:0', 'IfNotPresent']])(
    'an image %s is pulled %s', async (image, policy) => {
      expect((await created(pods, pod({ containers: [{ name: 'c', image }] }))).spec.containers[0]!.imagePullPolicy).toBe(policy)
    })

  test('limits become requests, volumes without a source are empty directories, host ports follow on the host network', async () => {
    const { spec, status } = await created(pods, pod({
      hostNetwork: true, volumes: [{ name: 'v' }], serviceAccount: 'robot',
      containers: [{ ...container, resources: { limits: { cpu: '1', memory: '1Gi' } }, ports: [{ containerPort: 80 }] }],
    }))
    expect(spec.containers[0]!.resources.requests).toEqual({ cpu: '1', memory: '1Gi' })
    expect(spec.containers[0]!.ports![0]!.hostPort).toBe(80)
    expect(spec.volumes).toEqual([{ name: 'v', emptyDir: {} }])
    expect(spec.serviceAccountName).toBe('robot')
    expect(status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' })
  })
})

test('a sound pod with most of what a pod can say is not refused', async () => {
  expect(await refusals(pods, pod({
    serviceAccountName: 'default',
    volumes: [{ name: 'v', configMap: { name: 'm' } }, { name: 't', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
    initContainers: [{ name: 'i', image: 'busybox', restartPolicy: 'Always' }],
    containers: [{
      ...container, ports: [{ name: 'http', containerPort: 80 }], env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }],
      volumeMounts: [{ name: 'v', mountPath: '/v' }], readinessProbe: { httpGet: { port: 'http' } }, resources: { requests: { cpu: '100m' } },
    }],
    tolerations: [{ operator: 'Exists' }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] } } },
  }))).toEqual([])
})

test.each<[string, object, string[]]>([
  ['no containers', { containers: [] }, ['spec.containers: Required value']],
  ['a repeated name', { containers: [container, container] }, ['spec.containers[1].name: Duplicate value: "c"']],
  ['an unknown policy', { restartPolicy: 'Sometimes' }, ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"']],
  ['a mount of nothing', { containers: [{ ...container, volumeMounts: [{ name: 'x', mountPath: '/x' }] }] }, ['spec.containers[0].volumeMounts[0].name: Not found: "x"']],
  ['two sources', { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }, ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type']],
  ['a request above its limit', { containers: [{ ...container, resources: { limits: { cpu: '1' }, requests: { cpu: '1500m' } } }] },
    ['spec.containers[0].resources.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1']],
  ['a probe without a handler', { containers: [{ ...container, livenessProbe: { periodSeconds: 5 } }] }, ['spec.containers[0].livenessProbe: Required value: must specify a handler type']],
  ['DNS of its own without servers', { dnsPolicy: 'None' }, ['spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None']],
  ['a padded image', { containers: [{ name: 'c', image: ' x' }] }, ['spec.containers[0].image: Invalid value: " x": must not have leading or trailing whitespace']],
  ['an ephemeral container from the start', { ephemeralContainers: [{ name: 'e', image: 'x' }] }, ['spec.ephemeralContainers: Forbidden: cannot be set on create']],
  ['a toleration of an unknown effect', { tolerations: [{ key: 'a', effect: 'X' }] }, ['spec.tolerations[0].effect: Unsupported value: "X": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"']],
])('refuses %s', async (_name, spec, expected) => {
  expect(await refusals(pods, pod(spec))).toEqual(expected)
})

describe('updates', () => {
  test('images and added tolerations may change', async () => {
    expect(await updateRefusals(pods, pod(), pod({ containers: [{ name: 'c', image: 'nginx:latest' }], tolerations: [{ operator: 'Exists' }] }))).toEqual([])
  })
  test('containers may not be added, other fields not changed', async () => {
    expect(await updateRefusals(pods, pod(), pod({ containers: [container, { name: 'd', image: 'x' }] }))).toEqual(['spec.containers: Forbidden: pod updates may not add or remove containers'])
    expect((await updateRefusals(pods, pod(), pod({ hostname: 'h' })))[0]).toMatch(/^spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`/)
  })
  test('the status endpoint keeps the spec, and what has ended stays ended', async () => {
    const ended = pod({ restartPolicy: 'Never' })
    const old = await created(pods, ended)
    old.status.containerStatuses = [{ name: 'c', state: { terminated: { exitCode: 0 } } } as NonNullable<Pod['status']['containerStatuses']>[number]]
    const status = pods.subresources['status']
    if (status?.sort !== 'object') throw new Error('pods have a status endpoint')
    const object = await created(pods, pod({ hostname: 'ignored' }))
    status.prepareForUpdate!(object, old, context)
    expect(object.spec).toBe(old.spec)
  })
})

test.each<[string, number | undefined, object, object, number]>([
  ['on no node', 30, {}, {}, 0], ['ended', 30, { nodeName: 'n' }, { phase: 'Failed' }, 0], ['as the pod says', undefined, { nodeName: 'n' }, {}, 30],
  ['as asked', 5, { nodeName: 'n' }, {}, 5], ['never negative', -1, { nodeName: 'n' }, {}, 1],
])('grace %s', (_name, asked, spec, status, seconds) => {
  expect(pods.gracePeriodSeconds!({ spec: { terminationGracePeriodSeconds: 30, ...spec }, status } as unknown as Pod, asked)).toBe(seconds)
})

describe('columns', () => {
  const running = { name: 'c', ready: true, restartCount: 2, state: { running: {} }, lastState: { terminated: { exitCode: 1, finishedAt: '2026-11-01T10:00:00Z' } } }
  test.each<[string, object, object]>([
    ['a running pod', { phase: 'Running', containerStatuses: [running] }, { Ready: '1/1', Status: 'Running', Restarts: '2 (5m ago)' }],
    ['a crashing one', { phase: 'Running', containerStatuses: [{ ...running, ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } }] }, { Ready: '0/1', Status: 'CrashLoopBackOff' }],
    ['a completed one', { phase: 'Succeeded', containerStatuses: [{ ...running, state: { terminated: { exitCode: 0, reason: 'Completed' } } }] }, { Status: 'Completed' }],
    ['an initializing one', { phase: 'Pending', initContainerStatuses: [{ name: 'i', restartCount: 0, state: { running: {} }, lastState: {} }] }, { Status: 'Init:0/1' }],
  ])('%s', async (_name, status, expected) => {
    const object = await created(pods, { ...pod({ initContainers: [{ name: 'i', image: 'x' }] }), metadata: { creationTimestamp: '2026-11-01T09:00:00Z' } })
    object.status = status
    expect(cells(pods, object)).toMatchObject({ Name: 'a', Age: '65m', IP: '<none>', ...expected })
  })
})

test('warns of deprecated labels and hidden variables', async () => {
  const object = await created(pods, pod({
    nodeSelector: { 'beta.kubernetes.io/os': 'linux' }, containers: [{ ...container, env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] }],
  }))
  expect(pods.warnings!(object, undefined)).toEqual([
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ])
})
