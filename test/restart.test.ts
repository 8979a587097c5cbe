import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deployments, pods, secrets, services } from '#api/index'
import { isAvailable, isPodReady, startCluster } from '#testing/index'
import { service, web } from './manifests'

test('a cluster that is started again on its directory has lost nothing and goes on', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'navarch-restart-'))
  try {
    const before = await (async () => {
      await using cluster = await startCluster({ nodes: 2, dataDir })
      const { client, until } = cluster
      await client.apply(service('web'))
      await client.create(secrets, { metadata: { namespace: 'default', name: 's' }, stringData: { password: 'secret' } })
      await client.apply(web({ replicas: 3 }))
      await until(deployments, 'web', isAvailable)
      return { service: await client.get(services, { namespace: 'default', name: 'web' }), kubeconfig: cluster.kubeconfig, revision: Number((await client.list(pods)).metadata.resourceVersion) }
    })()

    await using cluster = await startCluster({ nodes: 2, dataDir })
    const { client, until } = cluster
    expect(await client.get(services, { namespace: 'default', name: 'web' })).toEqual(before.service)
    expect((await client.get(secrets, { namespace: 'default', name: 's' })).data).toEqual({ password: Buffer.from('secret').toString('base64') })
    expect(Number((await client.list(pods)).metadata.resourceVersion)).toBeGreaterThanOrEqual(before.revision)
    // The same authority: kubeconfigs that were given out go on working.
    expect(authorityOf(cluster.kubeconfig)).toBe(authorityOf(before.kubeconfig))

    await client.apply(web({ replicas: 5, image: 'nginx:2' }))
    await until(deployments, 'web', isAvailable)
    const running = await cluster.untilList(pods, { namespace: 'default' }, (all) => all.length === 5 && all.every(isPodReady))
    expect(new Set(running.map(({ spec }) => spec.containers[0]!.image))).toEqual(new Set(['nginx:2']))
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

const authorityOf = (kubeconfig: string): string => /certificate-authority-data: (\S+)/.exec(kubeconfig)![1]!
