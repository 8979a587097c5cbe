import { existsSync, writeFileSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { bun, navarch, run, scratch, up } from './navarch'

/**
 * One whole cluster on each runtime beside the one that runs the tests: Bun, and what NAVARCH_RUNTIMES names (paths,
 * separated as in PATH): the current LTS of Node. As a dependency that would put its `node` before everybody's.
 */
const runtimes = [...(existsSync(bun) ? [bun] : []), ...(process.env.NAVARCH_RUNTIMES ?? '').split(delimiter).filter(Boolean)]
if (!existsSync(bun)) console.warn('journeys on Bun are skipped: @oven/bun-linux-x64 is not installed on this machine')

const dist = resolve(import.meta.dirname, '../dist')
const door = (name: string): string => JSON.stringify(pathToFileURL(resolve(dist, `${name}.js`)).href)

/** What a user's test does, as a script for any runtime: prints what it saw. */
const script = `
import { isAvailable, isPodReady, startCluster, waitingReason, hasCondition } from ${door('testing')}
import { deployments, jobs, pods } from ${door('api')}
const cluster = await startCluster({ nodes: 3 })
const { client, until, untilGone, untilList } = cluster
const template = (image, spec = {}) => ({ metadata: { labels: { app: 'web' } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image }], ...spec } })
const web = (image, replicas) => deployments.make({ metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template(image) } })
const seen = {}
await client.apply(web('nginx:1', 3))
seen.available = (await until(deployments, 'web', isAvailable)).status.availableReplicas
cluster.images.fail('nginx:broken')
await client.apply(web('nginx:broken', 3))
seen.waiting = waitingReason(await until(pods, { namespace: 'default' }, (pod) => waitingReason(pod) !== undefined && waitingReason(pod) !== 'ContainerCreating'))
await client.apply(web('nginx:2', 5))
await until(deployments, 'web', isAvailable)
seen.ready = (await untilList(pods, { namespace: 'default' }, (all) => all.length === 5 && all.every(isPodReady))).length
cluster.containers.behave({ image: 'work' }, { runMs: 10 })
await client.apply(jobs.make({ metadata: { name: 'once' }, spec: { template: template('work', { restartPolicy: 'Never' }) } }))
seen.succeeded = (await until(jobs, 'once', hasCondition('Complete'))).status.succeeded
await cluster.nodes.get('node-0').stop()
await cluster.advance(400_000)
await untilList(pods, { namespace: 'default', labelSelector: 'app=web' }, (all) => all.filter((pod) => isPodReady(pod) && pod.spec.nodeName !== 'node-0').length === 5)
await client.delete(deployments, { namespace: 'default', name: 'web' })
await untilGone(deployments, 'web')
await cluster[Symbol.asyncDispose]()
console.log(JSON.stringify(seen))
`

describe.skipIf(runtimes.length === 0).each(runtimes)('%s', (runtime) => {
  test('a cluster inside a script, from its start to its end', async () => {
    using directory = scratch()
    const file = resolve(directory.path, 'script.mjs')
    writeFileSync(file, script)
    const { code, out, err } = await run(runtime, [file])
    expect(code, err).toBe(0)
    expect(JSON.parse(out)).toEqual({ available: 3, waiting: expect.stringMatching(/ErrImagePull|ImagePullBackOff/), ready: 5, succeeded: 1 })
  })

  test('navarch up, over TLS, on its own store, twice', async () => {
    using directory = scratch()
    for (const round of [1, 2]) {
      await using cluster = await up(directory.path, ['--sim', '2'], runtime)
      const status = await navarch(['status', '--data-dir', cluster.dataDir], { runtime })
      expect(status.code, `round ${round}: ${status.err}`).toBe(0)
      expect(status.out).toContain('2 of 2 ready')
    }
  })
})
