import { describe, expect, test } from 'vitest'
import { cells, context, created, decoded, refusals, updateRefusals } from '../../testing/written'
import { controllerrevisions } from './controller-revision'
import { daemonsets } from './daemon-set'
import { deployments } from './deployment'
import { replicasets } from './replica-set'
import { statefulsets } from './stateful-set'

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }
const generation = 'deprecated.daemonset.template.generation'
const aName = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const aLabel = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const body = (spec: object = {}): { spec: object } => ({ spec: { selector: { matchLabels: { app: 'a' } }, template, ...spec } })

test.each([deployments, replicasets, statefulsets, daemonsets])('a sound $kind', async (resource) => {
  expect(await refusals(resource as typeof deployments, body())).toEqual([])
})

test.each<[string, object, string[]]>([
  ['negative replicas', { replicas: -1 }, ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
  ['an empty selector', { selector: {} }, ['spec.selector: Invalid value: {}: empty selector is invalid for deployment']],
  ['labels that the selector does not ask for', { selector: { matchLabels: { app: 'b' } } },
    ['spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`']],
  ['pods that end', { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } }, ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"']],
  ['no room to move', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
    ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0']],
  ['a deadline that cannot be met', { minReadySeconds: 600 }, ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds']],
])('a deployment with %s', async (_name, spec, expected) => {
  expect(await refusals(deployments, body(spec))).toEqual(expected)
})

const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
const mounting = { ...template, spec: { hostname: 'Not A Name', containers: [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } }

test.each<[string, object, string[]]>([
  ['claims that its pods mount, and names that are not its to give', { template: mounting, volumeClaimTemplates: [claim] }, []],
  ['a claim of nothing', { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: {} }] }, [
    'spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required', 'spec.volumeClaimTemplates[0].spec.resources[storage]: Required value',
  ]],
  ['a service that cannot be', { serviceName: 'a.b' }, ['spec.serviceName: Invalid value: "a.b": must not contain dots']],
  ['another order', { podManagementPolicy: 'x' }, ['spec.podManagementPolicy: Invalid value: "x": must be \'OrderedReady\' or \'Parallel\'']],
  ['an unknown strategy', { updateStrategy: { type: 'x', rollingUpdate: { partition: 1 } } },
    ['spec.updateStrategy: Invalid value: {"Type":"x","RollingUpdate":{"Partition":1,"MaxUnavailable":null}}: must be \'RollingUpdate\' or \'OnDelete\'']],
  ['all its history', { revisionHistoryLimit: -1 }, []],
  ['a selector that nobody can read', { selector: { matchLabels: { '/': 'a' } } }, [
    'spec.selector.matchLabels: Invalid value: "/": prefix part must be non-empty', 'spec.selector.matchLabels: Invalid value: "/": name part must be non-empty',
    `spec.selector.matchLabels: Invalid value: "/": ${aName}`, 'spec.selector: Invalid value: {"matchLabels":{"/":"a"}}',
  ]],
  ['labels that are none, told again', { template: { ...template, metadata: { labels: { app: 'a', b: ' ' } } } }, [
    `spec.template.labels: Invalid value: " ": ${aLabel}`, `spec.template.labels: Invalid value: " ": ${aLabel}`,
  ]],
])('a stateful set with %s', async (_name, spec, expected) => {
  expect(await refusals(statefulsets, body(spec))).toEqual(expected)
})

test.each<[string, object, string[]]>([
  ['an unknown strategy', { updateStrategy: { type: 'x' } },
    ['spec.updateStrategy: Unsupported value: {"Type":"x","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"']],
  ['no room to move', { updateStrategy: { rollingUpdate: { maxUnavailable: 0 } } }, ['spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0']],
])('a daemon set with %s', async (_name, spec, expected) => {
  expect(await refusals(daemonsets, body(spec))).toEqual(expected)
})

test('what is filled in depends on what was said', async () => {
  const strategy = async (resource: typeof statefulsets | typeof daemonsets, updateStrategy: object): Promise<unknown> =>
    (await decoded(resource as typeof statefulsets, body({ updateStrategy }))).spec.updateStrategy
  expect(await strategy(statefulsets, {})).toEqual({ type: 'RollingUpdate', rollingUpdate: { partition: 0 } })
  expect(await strategy(statefulsets, { type: 'RollingUpdate' })).toEqual({ type: 'RollingUpdate' })
  expect(await strategy(daemonsets, {})).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } })
  expect(await strategy(daemonsets, { type: 'OnDelete', rollingUpdate: {} })).toEqual({ type: 'OnDelete', rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } })
  const [made] = (await decoded(statefulsets, body({ volumeClaimTemplates: [claim] }))).spec.volumeClaimTemplates!
  expect(made).toMatchObject({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
})

test('the generation of a daemon set\'s template is the server\'s', async () => {
  const old = await created(daemonsets, { ...body(), metadata: { annotations: { [generation]: '3' } } })
  expect(old.metadata.annotations).toEqual({ [generation]: '3' })
  const now = await decoded(daemonsets, { ...body({ template: { ...template, spec: { ...template.spec, nodeName: 'n' } } }), metadata: { annotations: { [generation]: '9' } } })
  daemonsets.prepareForUpdate!(now, old, context)
  expect(now.metadata.annotations).toEqual({ [generation]: '4' })
  await expect(created(daemonsets, { ...body(), metadata: { annotations: { [generation]: 'x' } } })).rejects.toThrow('strconv.ParseInt: parsing "x": invalid syntax')
})

test('a revision holds an object', async () => {
  expect(await refusals(controllerrevisions, { revision: 1 })).toEqual(['data: Required value: data is mandatory'])
  expect(await refusals(controllerrevisions, { revision: 1, data: [1] })).toEqual(['data: Required value: data must be a valid JSON object'])
})

test('warns of names that pods cannot have, and of claims of parts of bytes', async () => {
  expect(deployments.warnings!(await created(deployments, { ...body(), metadata: { name: 'a.b' } }), undefined)).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
  ])
  const set = await created(statefulsets, body({ revisionHistoryLimit: -1, volumeClaimTemplates: [{ ...claim, spec: { ...claim.spec, resources: { requests: { storage: '1m' } } } }] }))
  expect(statefulsets.warnings!(set, undefined)).toEqual([
    'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "1m" is invalid, must be an integer',
    'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
  ])
})

describe('updates', () => {
  test('selectors stay', async () => {
    const other = { selector: { matchLabels: { app: 'b' } }, template: { ...template, metadata: { labels: { app: 'b' } } } }
    expect(await updateRefusals(deployments, body(), body(other))).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable'])
  })
  test('a stateful set whose template was let through once can be scaled', async () => {
    const odd = { template: { ...template, spec: { ...template.spec, terminationGracePeriodSeconds: -5, dnsPolicy: 'Odd' } } }
    expect(await updateRefusals(statefulsets, body(odd), body({ ...odd, replicas: 3 }))).toEqual([])
    expect(await updateRefusals(statefulsets, body(), body(odd))).not.toEqual([])
  })
  test('a stateful set changes only what running pods can follow', async () => {
    expect((await updateRefusals(statefulsets, body(), body({ serviceName: 'x' })))[0]).toMatch(/^spec: Forbidden: updates to statefulset spec for fields other than/)
    expect(await updateRefusals(statefulsets, body(), body({ replicas: 3 }))).toEqual([])
  })
  test('the generation counts changes of spec and annotations, and status stays', async () => {
    const old = await created(deployments, body())
    old.status = { replicas: 7 }
    const same = await decoded(deployments, { ...body(), status: { replicas: 1 } })
    deployments.prepareForUpdate!(same, old, context)
    expect([same.metadata.generation, same.status.replicas]).toEqual([1, 7])
    const changed = await decoded(deployments, { ...body({ replicas: 3 }), metadata: { annotations: { why: 'scale' } } })
    deployments.prepareForUpdate!(changed, old, context)
    expect(changed.metadata.generation).toBe(2)
  })
})

test('columns', async () => {
  const object = await created(deployments, { ...body({ replicas: 3 }), metadata: { creationTimestamp: '2026-11-01T10:00:00Z' } })
  object.status = { readyReplicas: 1, updatedReplicas: 2 }
  expect(cells(deployments, object)).toEqual({
    Name: 'a', Ready: '1/3', 'Up-to-date': 2, Available: 0, Age: '5m', Containers: 'c', Images: 'nginx', Selector: 'app=a',
  })
})
