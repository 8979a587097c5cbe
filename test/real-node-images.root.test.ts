import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event, Pod } from '#api/core/v1/types'
import { whyNoRealNode } from './real-node/machine'
import { type RealNode, startRealNode, until } from './real-node/real-node'
import { type Registry, startRegistry } from './real-node/registry'
import { writeBusyboxImage } from './busybox-image'

const why = await whyNoRealNode()
if (why) console.warn(`pulls on a real node are skipped: ${why}`)

const host = 'registry.navarch.test'
/** Where containerd looks for what is said of a registry. */
const hosts = join('/etc/containerd/certs.d', host)

describe.skipIf(why)('images from a registry', () => {
  let node: RealNode
  let registry: Registry

  beforeAll(async () => {
    node = await startRealNode()
    const file = join(node.dataDir, 'image.tar')
    writeBusyboxImage(file)
    registry = await startRegistry(readFileSync(file))
    mkdirSync(hosts, { recursive: true })
    writeFileSync(join(hosts, 'hosts.toml'), `server = "http://127.0.0.1:${registry.port}"\n[host."http://127.0.0.1:${registry.port}"]\n  capabilities = ["pull", "resolve"]\n`)
  })
  afterAll(async () => {
    rmSync(hosts, { recursive: true, force: true })
    await registry?.[Symbol.asyncDispose]()
    await node?.reset()
  })

  const run = (name: string, image: string, more: object = {}): Promise<string> =>
    node.kubectlWith(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: `${host}/${image}`, imagePullPolicy: 'Always', command: ['sleep', '1000'] }], ...more } }), 'apply', '-f', '-')
  const waitingReason = async (name: string): Promise<string | undefined> => (await node.get<Pod>('pod', name)).status.containerStatuses?.[0]?.state.waiting?.reason
  const said = async (name: string): Promise<string[]> => (await node.get<{ items: Event[] }>('events', '--field-selector', `involvedObject.name=${name}`)).items.map(({ type, reason, message }) => `${type} ${reason} ${message}`)

  test('an image is pulled, and the status names it by its digest', async () => {
    registry.repositories.set('shop/web', undefined)
    await run('public', 'shop/web:1')
    await node.kubectl('wait', '--for=condition=Ready', 'pod/public', '--timeout=30s')
    const { image, imageID } = (await node.get<Pod>('pod', 'public')).status.containerStatuses![0]!
    expect(image).toBe(`${host}/shop/web:1`)
    expect(imageID).toMatch(new RegExp(`^${host}/shop/web@sha256:[0-9a-f]{64}$`))
    await until(async () => (await said('public')).some((text) => new RegExp(`^Normal Pulled Successfully pulled image "${host}/shop/web:1" in [0-9.]+m?s \\([0-9.]+m?s including waiting\\)\\. Image size: \\d+ bytes\\.$`).test(text)), 'how long the pull took')
  })

  test('a private image is pulled with the pod\'s secret only', async () => {
    registry.repositories.set('shop/private', { username: 'clerk', password: 'open sesame' })
    await run('stranger', 'shop/private:1')
    await until(async () => (await waitingReason('stranger')) === 'ImagePullBackOff', 'nobody may pull it')
    expect(await said('stranger')).toContain(`Normal BackOff Back-off pulling image "${host}/shop/private:1"`)
    await node.kubectl('create', 'secret', 'docker-registry', 'key', `--docker-server=${host}`, '--docker-username=clerk', '--docker-password=open sesame')
    await run('clerk', 'shop/private:1', { imagePullSecrets: [{ name: 'key' }] })
    await node.kubectl('wait', '--for=condition=Ready', 'pod/clerk', '--timeout=30s')
  })

  test('a pull that failed is tried again', async () => {
    await run('early', 'shop/late:1')
    await until(async () => (await waitingReason('early')) === 'ImagePullBackOff', 'ImagePullBackOff')
    const { message } = (await node.get<Pod>('pod', 'early')).status.containerStatuses![0]!.state.waiting!
    expect(message).toMatch(new RegExp(`^Back-off pulling image "${host}/shop/late:1": ErrImagePull: rpc error: code = NotFound desc = `))
    registry.repositories.set('shop/late', undefined)
    await node.kubectl('wait', '--for=condition=Ready', 'pod/early', '--timeout=60s')
  })
})
