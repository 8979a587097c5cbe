import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { configmaps, deployments, pods } from '#api/index'
import { isAvailable, isPodReady, startCluster, waitingReason } from '#testing/index'
import { pod, web } from './manifests'

/** What is published, as it was bundled last. */
const door = resolve(import.meta.dirname, '../dist/testing.js')

/**
 * Sockets, servers and files that are open. Timers are not counted, since the test runner has its own, and ours keep no
 * process alive; sockets close a turn of the event loop after they were told to.
 */
async function resources(): Promise<string[]> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  return process.getActiveResourcesInfo().filter((name) => name !== 'Immediate' && name !== 'Timeout').sort()
}

test('a cluster leaves nothing behind', async () => {
  const warnings: string[] = []
  const listen = (warning: Error): void => void warnings.push(`${warning.name}: ${warning.message}`)
  process.on('warning', listen)
  const before = await resources()
  const file = await (async () => {
    await using cluster = await startCluster({ nodes: 2 })
    await cluster.client.apply(web({ replicas: 2 }))
    await cluster.until(deployments, 'web', isAvailable)
    return cluster.kubeconfigFile
  })()
  expect(existsSync(file)).toBe(false)
  expect(await resources()).toEqual(before)
  process.off('warning', listen)
  expect(warnings).toEqual([])
})

test('a process that only had a cluster ends by itself', () => {
  const script = "import { startCluster } from 'DOOR'; const c = await startCluster({ nodes: 2 }); await c[Symbol.asyncDispose](); console.log('disposed')"
  expect(existsSync(door), 'npm run bundle comes first').toBe(true)
  // A timer or a listener that is left behind keeps the process alive, and this call fails after its time limit.
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', script.replace('DOOR', pathToFileURL(door).href)], { encoding: 'utf8', timeout: 20_000 })
  expect(out.trim()).toBe('disposed')
})

test('many clusters in one process do not know each other', async () => {
  const clusters = await Promise.all(Array.from({ length: 5 }, () => startCluster({ nodes: 1 })))
  try {
    expect(new Set(clusters.map(({ url }) => url)).size).toBe(5)
    await Promise.all(clusters.map(({ client }, i) => client.create(configmaps, { metadata: { namespace: 'default', name: `only-${i}` } })))
    for (const [i, { client }] of clusters.entries()) {
      const names = (await client.list(configmaps, { namespace: 'default' })).items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('only'))
      expect(names).toEqual([`only-${i}`])
    }
  } finally {
    await Promise.all(clusters.map((cluster) => cluster[Symbol.asyncDispose]()))
  }
})

test('waiting in vain shows what is there instead', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  cluster.images.fail('nginx:broken')
  await cluster.client.apply(pod('a', { containers: [{ name: 'main', image: 'nginx:broken' }] }))
  await cluster.until(pods, 'a', (found) => waitingReason(found) === 'ImagePullBackOff')
  const error = await cluster.until(pods, 'a', isPodReady, { timeoutMs: 50 }).catch((reason: unknown) => reason as Error)
  expect((error as Error).message).toMatch(/^pods default\/a: isPodReady did not come about within 0\.05 s\. default\/a as last seen:/)
  expect((error as Error).message).toContain('Back-off pulling image "nginx:broken"')
  expect((error as Error).message).toContain('Warning Failed')
  await expect(cluster.until(pods, 'none', isPodReady, { timeoutMs: 50 })).rejects.toThrow('pods default/none: isPodReady did not come about within 0.05 s. There is no such object.')
  const stop = AbortSignal.abort(new Error('enough'))
  await expect(cluster.until(pods, 'a', isPodReady, { signal: stop })).rejects.toThrow('enough')
})

test('simulated containers do as they are told', async () => {
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  const crashing = cluster.containers.behave({ pod: /^crash/ }, { runMs: 5, exitCode: 137, reason: 'OOMKilled' })
  await client.apply(pod('crashing'))
  await client.apply(pod('fine'))
  const crashed = await until(pods, 'crashing', (found) => waitingReason(found) === 'CrashLoopBackOff')
  expect(crashed.status.containerStatuses![0]!.lastState!.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  await until(pods, 'fine', isPodReady)
  crashing[Symbol.dispose]()
  await cluster.advance(60_000)
  expect((await until(pods, 'crashing', isPodReady)).status.containerStatuses![0]!.restartCount).toBeGreaterThan(0)
})

test('a cluster that cannot start says why, and leaves nothing behind', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const before = await resources()
  const securePort = Number(new URL(cluster.url).port)
  await expect(startCluster({ securePort })).rejects.toThrow(String(securePort))
  expect(await resources()).toEqual(before)
})
