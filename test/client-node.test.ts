import { AppsV1Api, CoreV1Api, KubeConfig, Watch } from 'client-node-1'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDeferred } from '#base/deferred'
import { scratch, type Up, up } from './navarch'

/** The official client for JavaScript, in the line that Node 20 loads: over TLS, against the bundle. */
const directory = scratch()
let cluster: Up
const config = new KubeConfig()
beforeAll(async () => {
  cluster = await up(directory.path, ['--sim', '1'])
  config.loadFromFile(cluster.kubeconfig)
})
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
})

test('creates, lists, watches, replaces and deletes', async () => {
  const core = config.makeApiClient(CoreV1Api)
  const apps = config.makeApiClient(AppsV1Api)
  expect((await core.listNode()).items.map(({ metadata }) => metadata!.name)).toEqual(['sim-0'])

  const seen: string[] = []
  const running = createDeferred()
  const watch = await new Watch(config).watch(
    '/api/v1/namespaces/default/pods', {},
    (type, pod: { metadata: { name: string }; status: { phase: string } }) => {
      seen.push(type)
      if (pod.status.phase === 'Running') running.resolve()
    },
    (error: unknown) => running.reject(error as Error),
  )
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } }
  const made = await apps.createNamespacedDeployment({ namespace: 'default', body: { metadata: { name: 'web' }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template } } })
  expect(made.metadata!.creationTimestamp).toBeInstanceOf(Date)
  await running.promise
  watch.abort()
  expect(seen[0]).toBe('ADDED')

  // Without a resourceVersion: the deployment's own controller may have written its status in between.
  const scale = await apps.readNamespacedDeploymentScale({ namespace: 'default', name: 'web' })
  expect((await apps.replaceNamespacedDeploymentScale({ namespace: 'default', name: 'web', body: { ...scale, metadata: { ...scale.metadata, resourceVersion: undefined }, spec: { replicas: 2 } } })).spec!.replicas).toBe(2)
  await apps.deleteNamespacedDeployment({ namespace: 'default', name: 'web' })
  await expect(apps.readNamespacedDeployment({ namespace: 'default', name: 'web' })).rejects.toMatchObject({ code: 404 })
})
