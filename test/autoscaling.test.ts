import { expect, test } from 'vitest'
import { customresourcedefinitions, deployments, events, horizontalpodautoscalers, pods } from '#api/index'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { isAvailable, startCluster, type TestCluster } from '#testing/index'
import { web } from './manifests'

type PodMetrics = KubeObject & { timestamp: string; window: string; containers: object[] }
const podMetrics: ResourceRef<PodMetrics> = { group: 'metrics.k8s.io', version: 'v1beta1', resource: 'pods', kind: 'PodMetrics', namespaced: true }

/** A metrics server without machines: its kind is a custom resource, and the test writes what pods use. */
async function pretendMetricsServer({ client, until }: TestCluster): Promise<void> {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  await client.create(customresourcedefinitions, {
    metadata: { name: 'pods.metrics.k8s.io', annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' } },
    spec: { group: 'metrics.k8s.io', scope: 'Namespaced', names: { plural: 'pods', singular: 'pod', kind: 'PodMetrics', listKind: 'PodMetricsList' }, versions: [{ name: 'v1beta1', served: true, storage: true, schema }] },
  })
  await until(customresourcedefinitions, 'pods.metrics.k8s.io', ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false)
}

const autoscaler = horizontalpodautoscalers.make({
  metadata: { namespace: 'default', name: 'web' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 10,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  },
})

test('a deployment follows what its pods use, up at once and down after a while', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await pretendMetricsServer(cluster)
  const containers = [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '100m' } } }]
  await client.create(deployments, web({ replicas: 2, template: { metadata: { labels: { app: 'web' } }, spec: { containers, terminationGracePeriodSeconds: 0 } } }))
  await until(deployments, 'web', isAvailable)

  /** Every pod uses so much. Measured long after their start: what is used to start does not count. */
  const use = async (cpu: string): Promise<void> => {
    const timestamp = new Date(Date.now() + 3_600_000).toISOString()
    for (const { metadata: { name } } of (await client.list(pods, { namespace: 'default' })).items) {
      await client.apply(podMetrics, { metadata: { namespace: 'default', name, labels: { app: 'web' } }, timestamp, window: '30s', containers: [{ name: 'main', usage: { cpu, memory: '1Mi' } }] }, { fieldManager: 'test' })
    }
  }
  await use('100m')
  await client.create(horizontalpodautoscalers, autoscaler)
  await until(deployments, 'web', ({ spec }) => spec.replicas === 4)
  const { status } = await until(horizontalpodautoscalers, 'web', (seen) => seen.status.desiredReplicas === 4)
  expect(status).toMatchObject({ currentReplicas: 2, currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } } }] })
  expect(status.conditions!.map((one) => [one.type, one.status, one.reason])).toEqual([
    ['AbleToScale', 'True', 'SucceededRescale'], ['ScalingActive', 'True', 'ValidMetricFound'], ['ScalingLimited', 'False', 'DesiredWithinRange'],
  ])
  await until(events, { namespace: 'default' }, ({ reason }) => reason === 'SuccessfulRescale')

  await until(deployments, 'web', (seen) => seen.status.readyReplicas === 4)
  await use('10m')
  await cluster.advance(16_000)
  await until(horizontalpodautoscalers, 'web', (seen) => seen.status.conditions!.some(({ reason }) => reason === 'ScaleDownStabilized'))
  await cluster.advance(320_000)
  await until(deployments, 'web', ({ spec }) => spec.replicas === 1)
})

test('what cannot be measured is said, and nothing is scaled', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await client.create(deployments, web({ replicas: 2 }))
  await client.create(horizontalpodautoscalers, autoscaler)
  const { status } = await until(horizontalpodautoscalers, 'web', (seen) => seen.status.conditions?.some(({ type }) => type === 'ScalingActive') ?? false)
  expect(status.conditions!.find(({ type }) => type === 'ScalingActive')).toMatchObject({
    status: 'False', reason: 'FailedGetResourceMetric',
    message: 'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource',
  })
  expect((await client.get(deployments, { namespace: 'default', name: 'web' })).spec.replicas).toBe(2)
})
