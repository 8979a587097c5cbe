import { daemonsets, deployments, jobs, pods, services, statefulsets, type core } from '#api/index'
import type { Input } from '#apimachinery/object'
import type { TestClient } from '#testing/index'
import { endpointslices } from '#api/index'

/** Objects that journeys are made of: small, and ordinary. */

const container = (image: string) => [{ name: 'main', image }]
/** Pods that go at once: grace periods are for tests of grace periods. */
const template = (app: string, image: string, spec: Input<core.PodSpec> = {}): Input<core.PodTemplateSpec> =>
  ({ metadata: { labels: { app } }, spec: { terminationGracePeriodSeconds: 0, containers: container(image), ...spec } })

export const web = ({ name = 'web', image = 'nginx:1.27', replicas = 3, ...spec }: { name?: string; image?: string; replicas?: number } & Input<import('#api/index').apps.DeploymentSpec> = {}) =>
  deployments.make({ metadata: { name, namespace: 'default' }, spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, image), ...spec } })

export const service = (name: string) => services.make({ metadata: { name, namespace: 'default' }, spec: { selector: { app: name }, ports: [{ port: 80 }] } })

export const pod = (name: string, spec: Input<core.PodSpec> = {}, metadata: Input<core.Pod['metadata']> = {}) =>
  pods.make({ metadata: { name, namespace: 'default', ...metadata }, spec: { terminationGracePeriodSeconds: 0, containers: container('nginx:1.27'), ...spec } })

export const statefulSet = (name: string, { replicas = 3, image = 'db:1', ...spec }: { replicas?: number; image?: string } & Input<import('#api/index').apps.StatefulSetSpec> = {}) =>
  statefulsets.make({ metadata: { name, namespace: 'default' }, spec: { serviceName: name, replicas, selector: { matchLabels: { app: name } }, template: template(name, image), ...spec } })

export const daemonSet = (name: string) =>
  daemonsets.make({ metadata: { name, namespace: 'default' }, spec: { selector: { matchLabels: { app: name } }, template: template(name, 'agent:1') } })

export const job = (name: string, { image = 'work:1', ...spec }: { image?: string } & Input<import('#api/index').batch.JobSpec> = {}) =>
  jobs.make({ metadata: { name, namespace: 'default' }, spec: { ...spec, template: template(name, image, { restartPolicy: 'Never' }) } })

/** Where a Service leads: the addresses of ready pods. */
export async function readyAddresses(client: TestClient, name: string, namespace = 'default'): Promise<string[]> {
  const { items } = await client.list(endpointslices, { namespace, labelSelector: `kubernetes.io/service-name=${name}` })
  return items.flatMap(({ endpoints }) => (endpoints ?? []).filter(({ conditions }) => conditions?.ready).flatMap(({ addresses }) => addresses))
}
