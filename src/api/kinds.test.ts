// Tables for the smaller kinds: what they refuse, and what they change by themselves.
import { describe, expect, test } from 'vitest'
import type { Resource } from '#apimachinery/resource'
import { builtin } from './builtin'
import { notBuilt } from './not-built'
import { created, decoded, refusals, updateRefusals, type Body } from './testing/written'

const kind = (name: string): Resource => builtin.find((resource) => resource.kind === name)! as Resource

test.each<[string, Body, string[]]>([
  ['ConfigMap', { data: { 'a/b': '' } }, ["data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"]],
  ['Secret', { type: 'kubernetes.io/tls' }, ['data[tls.crt]: Required value', 'data[tls.key]: Required value']],
  ['Secret', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'x' } },
    ["data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'x' looking for beginning of value"]],
  ['Namespace', { spec: { finalizers: ['mine'] } }, ['spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified']],
  ['LimitRange', { spec: { limits: [{ type: 'Pod', max: { cpu: '1' }, min: { cpu: '2' } }] } }, ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1']],
  ['ResourceQuota', { spec: { scopes: ['BestEffort', 'NotBestEffort'] } }, ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes']],
  ['PersistentVolumeClaim', { spec: {} }, ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value']],
  ['Endpoints', { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] }, ['subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['CronJob', { spec: { schedule: '61 * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } } } } },
    ['spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61']],
  ['Ingress', { spec: { rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 's', port: { number: 80 } } } }] } }] } },
    ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified']],
  ['NetworkPolicy', { spec: { ingress: [{ from: [{}] }] } }, ['spec.ingress[0].from[0]: Required value: must specify a peer']],
  ['Role', { rules: [{ verbs: ['get'] }] }, ['rules[0].apiGroups: Required value: resource rules must supply at least one api group', 'rules[0].resources: Required value: resource rules must supply at least one resource']],
  ['RoleBinding', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'jane' }] }, []],
  ['PodDisruptionBudget', { spec: { minAvailable: '120%' } }, ['spec.minAvailable: Invalid value: "120%": must not be greater than 100%']],
  ['Lease', { spec: { leaseDurationSeconds: 0 } }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
  ['PriorityClass', { value: 2_000_000_000 }, ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000']],
  ['StorageClass', { provisioner: 'p', reclaimPolicy: 'Recycle' }, ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"']],
  ['HorizontalPodAutoscaler', { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 2, minReplicas: 3 } },
    ['spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`']],
  ['EndpointSlice', { addressType: 'IPv4', endpoints: [{ addresses: ['::1'] }] },
    ['endpoints[0].addresses: Invalid value: "::1": must be an IPv4 address', 'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
])('%s %j', async (name, body, expected) => {
  expect(await refusals(kind(name), body)).toEqual(expected)
})

test.each<[string, Body, Body, string[]]>([
  ['ConfigMap', { immutable: true, data: { a: '1' } }, { immutable: true, data: { a: '2' } }, ['data: Forbidden: field is immutable when `immutable` is set']],
  ['Secret', { type: 'a/b' }, { type: 'c/d' }, ['type: Invalid value: "c/d": field is immutable']],
  ['PriorityClass', { value: 1 }, { value: 2 }, ['value: Forbidden: may not be changed in an update.']],
  ['RoleBinding', { roleRef: { kind: 'Role', name: 'r' } }, { roleRef: { kind: 'Role', name: 's' } },
    ['roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"s"}: cannot change roleRef']],
])('an update of %s', async (name, before, after, expected) => {
  expect(await updateRefusals(kind(name), before, after)).toEqual(expected)
})

describe('what is filled in', () => {
  test('a job selects its own pods by uid and is not a work queue unless it says so', async () => {
    const { spec } = (await created(kind('Job'), { spec: { template: { spec: { containers: [{ name: 'c', image: 'x' }], restartPolicy: 'Never' } } } })) as unknown as { spec: Body }
    expect(spec).toMatchObject({ completions: 1, parallelism: 1, backoffLimit: 6, selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } } })
    const queue = (await decoded(kind('Job'), { spec: { parallelism: 3, template: {} } })) as unknown as { spec: Body }
    expect(queue.spec['completions']).toBeUndefined()
  })
  test('a namespace carries its name as a label and is kept until it is empty', async () => {
    expect(await created(kind('Namespace'), { metadata: { name: 'n' } })).toMatchObject({ metadata: { labels: { 'kubernetes.io/metadata.name': 'n' } }, spec: { finalizers: ['kubernetes'] } })
  })
  test('a certificate request says who asked', async () => {
    expect(await created(kind('CertificateSigningRequest'), { spec: { username: 'somebody else' } })).toMatchObject({ spec: { username: 'jane', uid: 'u1' } })
  })
  test('text in a secret lands in its data', async () => {
    expect(await created(kind('Secret'), { stringData: { a: 'ü' } })).toMatchObject({ data: { a: 'w7w=' } })
  })
})

test('events and autoscalers survive the way through their other version', async () => {
  const event = await created(kind('Event'), { involvedObject: { kind: 'Pod', name: 'p', namespace: 'ns' }, reason: 'Started', message: 'm', type: 'Normal', source: { component: 'kubelet' }, count: 2 })
  const other = kind('Event').versions['events.k8s.io/v1']!
  expect(other.toStorage!(other.fromStorage!(event))).toEqual(event)
  const autoscaler = await created(kind('HorizontalPodAutoscaler'), {
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, maxReplicas: 3, behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
      metrics: [{ type: 'Pods', pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue: '10' } } }, { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    },
  })
  const v1 = kind('HorizontalPodAutoscaler').versions['autoscaling/v1']!
  expect(v1.toStorage!(v1.fromStorage!(autoscaler))).toEqual(autoscaler)
})

test('the list of what is not built names kinds that are served, once each', () => {
  const names = notBuilt.map((entry) => entry.kind)
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter((name) => !kind(name))).toEqual([])
})

test('every kind that can be listed says its columns, Name among them', () => {
  const listed = builtin.filter((resource) => resource.verbs.includes('list'))
  expect(listed.filter((resource) => !resource.columns.some((column) => column.name === 'Name')).map((resource) => resource.kind)).toEqual([])
})
