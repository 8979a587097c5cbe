import { describe, expect, test } from 'vitest'
import { cells, context, created, decoded, refusals, updateRefusals } from '../../testing/written'
import { daemonsets } from './daemon-set'
import { deployments } from './deployment'
import { replicasets } from './replica-set'
import { statefulsets } from './stateful-set'

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }
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

describe('updates', () => {
  test('selectors stay', async () => {
    const other = { selector: { matchLabels: { app: 'b' } }, template: { ...template, metadata: { labels: { app: 'b' } } } }
    expect(await updateRefusals(deployments, body(), body(other))).toEqual(['spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable'])
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
