import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deployments } from '#api/apps/v1/deployment'
import { leases } from '#api/coordination/v1/lease'
import { configmaps } from '#api/core/v1/config-map'
import { endpoints } from '#api/core/v1/endpoints'
import type { Client } from '#client/client'
import { createClient } from '#client/create-client'
import { createHttpTransport } from '#client/http-transport'
import { connectionOf, readKubeconfig } from '#client/kubeconfig'
import type { Transport } from '#client/transport'
import { type EtcdCluster, startEtcdCluster, whyNoEtcd } from './etcd-cluster'
import { web } from './manifests'
import { scratch, type Up, up } from './navarch'
import { until } from './real-node/real-node'

if (whyNoEtcd) console.warn(`several API servers on one etcd cluster are skipped: ${whyNoEtcd}`)

describe.skipIf(whyNoEtcd)('three control planes on an etcd cluster of three, over TLS', () => {
  const directory = scratch()
  const planes: Up[] = []
  const transports: Transport[] = []
  const clients: Client[] = []
  let etcd: EtcdCluster

  const start = async (i: number, nodes: number): Promise<void> => {
    const home = join(directory.path, `plane-${i}`)
    mkdirSync(join(home, 'data'), { recursive: true })
    // One authority for all, as kubeadm copies it from the first to the others.
    if (i > 0) cpSync(join(directory.path, 'plane-0/data/pki'), join(home, 'data/pki'), { recursive: true })
    const { cafile, certfile, keyfile, members } = etcd
    planes[i] = await up(home, ['--sim', String(nodes), '--etcd-servers', members.map(({ url }) => url).join(','), '--etcd-cafile', cafile, '--etcd-certfile', certfile, '--etcd-keyfile', keyfile])
    transports[i] = createHttpTransport(await connectionOf(await readKubeconfig(planes[i]!.kubeconfig)))
    clients[i] = createClient(transports[i]!)
  }
  const holder = async (name: string): Promise<string | undefined> => (await clients[2]!.get(leases, { namespace: 'kube-system', name })).spec?.holderIdentity
  const ready = async (replicas: number): Promise<void> =>
    until(async () => (await clients[2]!.get(deployments, { namespace: 'default', name: 'web' })).status?.readyReplicas === replicas, `${replicas} replicas are ready`)

  beforeAll(async () => {
    etcd = await startEtcdCluster(join(directory.path, 'etcd'))
    // The first one leads; the nodes live with the second one.
    await start(0, 0)
    await start(1, 2)
    await start(2, 0)
  }, 60_000)
  afterAll(async () => {
    for (const transport of transports) await transport[Symbol.asyncDispose]()
    for (const plane of planes) await plane[Symbol.asyncDispose]()
    await etcd?.[Symbol.asyncDispose]()
    directory[Symbol.dispose]()
  }, 60_000)

  test('what one of them acknowledged the others read at once, and watch', async () => {
    const seen: string[] = []
    const done = new AbortController()
    const watching = clients[2]!.watch(configmaps, { namespace: 'default', signal: done.signal }, (events) => void seen.push(...events.map(({ object }) => object.metadata.name)))
    const names = Array.from({ length: 30 }, (_, i) => `at-once-${i}`)
    for (const [i, name] of names.entries()) {
      const made = await clients[i % 3]!.create(configmaps, { metadata: { namespace: 'default', name } })
      expect(await clients[(i + 1) % 3]!.get(configmaps, { namespace: 'default', name })).toEqual(made)
    }
    await until(() => names.every((name) => seen.includes(name)), 'the watch has brought them all')
    done.abort()
    await watching.catch(() => undefined)
    await until(async () => (await clients[0]!.get(endpoints, { namespace: 'default', name: 'kubernetes' })).subsets?.length === 3, 'the kubernetes Service leads to all three')
  }, 60_000)

  test('one of each is killed under load: nothing acknowledged is lost, and the work goes on', async () => {
    await clients[2]!.create(deployments, web({ replicas: 3 }))
    await ready(3)

    const acknowledged: string[] = []
    let writing = true
    const write = async (client: Client, writer: string): Promise<void> => {
      for (let i = 0; writing; i++) {
        const name = `${writer}-${i}`
        const made = await client.create(configmaps, { metadata: { namespace: 'default', name } }).catch(() => undefined)
        if (made) acknowledged.push(name)
      }
    }
    const writers = [write(clients[0]!, 'first'), write(clients[1]!, 'second'), write(clients[2]!, 'third')]
    const more = async (what: string): Promise<void> => {
      const [before] = [acknowledged.filter((name) => !name.startsWith('first')).length]
      await until(() => acknowledged.filter((name) => !name.startsWith('first')).length > before + 20, what)
    }
    await more('writes are under way')
    await etcd.members[0]!.kill()
    await more('writes go on without a member of etcd')
    const [manager, scheduler] = [await holder('kube-controller-manager'), await holder('kube-scheduler')]
    planes[0]!.process.kill('SIGKILL')
    await planes[0]!.ended
    await more('writes go on without an API server')
    etcd.members[0]!.start()
    await until(async () => (await holder('kube-controller-manager')) !== manager && (await holder('kube-scheduler')) !== scheduler, 'others lead')
    await clients[2]!.patch(deployments, { namespace: 'default', name: 'web' }, { spec: { replicas: 5 } }, { type: 'merge' })
    await ready(5)
    await etcd.members[1]!.kill()
    await more('writes go on without another member of etcd')

    writing = false
    await Promise.all(writers)
    for (const client of [clients[1]!, clients[2]!]) {
      const { items } = await client.list(configmaps, { namespace: 'default' })
      const kept = new Set(items.map(({ metadata }) => metadata.name))
      expect(acknowledged.filter((name) => !kept.has(name))).toEqual([])
    }
    await until(async () => (await clients[2]!.get(endpoints, { namespace: 'default', name: 'kubernetes' })).subsets?.length === 2, 'the kubernetes Service leads to the two that are left')
  }, 180_000)
})
