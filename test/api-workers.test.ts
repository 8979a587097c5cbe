import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { apiservices, configmaps, customresourcedefinitions, deployments, pods, services, validatingwebhookconfigurations } from '#api/index'
import { startExtensionServer } from '#apiserver/testing/extension-server'
import { startHttpsServer } from '#apiserver/testing/https-server'
import { createDeferred } from '#base/deferred'
import type { Client } from '#client/client'
import { createClient } from '#client/create-client'
import { createHttpTransport } from '#client/http-transport'
import { connectionOf, readKubeconfig } from '#client/kubeconfig'
import type { Transport } from '#client/transport'
import { web } from './manifests'
import { bun, navarch, scratch, type Up, up } from './navarch'
import { until } from './real-node/real-node'

const processesOf = (parent: number): number[] => {
  const children = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=']).toString().trim().split('\n').map((line) => line.trim().split(/\s+/))
  return children.filter(([, ppid, stat]) => Number(ppid) === parent && !stat!.startsWith('Z')).map(([pid]) => Number(pid))
}
const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
const inDefault = (name: string) => ({ namespace: 'default', name })

describe('a cluster whose API is served by two workers', () => {
  const directory = scratch()
  const transports: Transport[] = []
  let cluster: Up
  /** On connections of their own, at several processes. */
  let clients: Client[]

  const connect = async (): Promise<Client> => {
    const transport = createHttpTransport(await connectionOf(await readKubeconfig(cluster.kubeconfig)))
    transports.push(transport)
    return createClient(transport)
  }
  /** What tells the process behind a connection from the others. */
  const processBehind = async ({ transport }: Client): Promise<string> => {
    const { bytes } = await transport.stream({ method: 'GET', path: '/metrics' })
    let text = ''
    for await (const chunk of bytes) text += Buffer.from(chunk).toString()
    return /^process_start_time_seconds .*$/m.exec(text)![0]
  }
  const workers = (): number[] => processesOf(cluster.process.pid!)

  beforeAll(async () => {
    const policy = join(directory.path, 'policy.yaml')
    writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: Metadata, resources: [{group: "", resources: [configmaps]}]}\n- {level: None}\n')
    cluster = await up(directory.path, ['--sim', '2', '--api-workers', '2', '--audit-policy-file', policy, '--audit-log-path', join(directory.path, 'audit.log'), '--audit-log-mode', 'blocking'])
    clients = await Promise.all([1, 2, 3, 4].map(connect))
  })
  afterAll(async () => {
    for (const transport of transports) await transport[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
    directory[Symbol.dispose]()
  })

  test('connections go to the workers in turn, and readyz and status answer', async () => {
    const behind = await Promise.all(clients.map(processBehind))
    expect(new Set(behind).size).toBe(2)
    expect(workers()).toHaveLength(2)
    for (const { transport } of clients) expect((await transport.request({ method: 'GET', path: '/readyz?verbose' })).code).toBe(200)
    const status = await navarch(['status', '--data-dir', cluster.dataDir])
    expect(status).toMatchObject({ code: 0 })
    expect(status.out).toContain('API workers   2')
  })

  test('what one process acknowledged the others read at once, list, and watch', async () => {
    const stop = new AbortController()
    const seen = clients.map(() => new Set<string>())
    const watching = clients.map((client, i) => client.watch(configmaps, { namespace: 'default', signal: stop.signal }, (events) => {
      for (const { type, object } of events) if (type === 'ADDED') seen[i]!.add(object.metadata.name)
    }))
    const names = Array.from({ length: 60 }, (_, i) => `at-once-${i}`)
    await Promise.all(names.map(async (name, i) => {
      const made = await clients[i % 4]!.create(configmaps, { metadata: inDefault(name), data: { i: String(i) } })
      for (const client of clients) expect(await client.get(configmaps, inDefault(name))).toEqual(made)
      const { items } = await clients[(i + 1) % 4]!.list(configmaps, { namespace: 'default' })
      expect(items.map(({ metadata }) => metadata.name)).toContain(name)
      const patched = await clients[(i + 2) % 4]!.patch(configmaps, inDefault(name), { data: { i: 'patched' } }, { type: 'merge' })
      expect(await clients[(i + 3) % 4]!.get(configmaps, inDefault(name))).toEqual(patched)
    }))
    await until(() => seen.every((each) => names.every((name) => each.has(name))), 'every watch has brought them all')
    stop.abort()
    await Promise.all(watching.map((each) => each.catch(() => undefined)))
  })

  test('of writers of one object in several processes each wins in turn', async () => {
    await clients[0]!.create(configmaps, { metadata: inDefault('counter'), data: {} })
    await Promise.all(clients.map((client, i) => Promise.all(Array.from({ length: 10 }, (_, j) => client.patch(configmaps, inDefault('counter'), { data: { [`${i}-${j}`]: 'x' } }, { type: 'merge' })))))
    expect(Object.keys((await clients[1]!.get(configmaps, inDefault('counter'))).data ?? {})).toHaveLength(40)
  })

  test('a kind that is defined through one process is served by the others', async () => {
    const names = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' }
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    await clients[0]!.create(customresourcedefinitions, { metadata: { name: 'gadgets.example.com' }, spec: { group: 'example.com', scope: 'Namespaced', names, versions: [{ name: 'v1', served: true, storage: true, schema }] } } as never)
    const path = '/apis/example.com/v1/namespaces/default/gadgets'
    for (const [i, { transport }] of clients.entries()) {
      await until(async () => (await transport.request({ method: 'GET', path })).code === 200, `process ${i} serves the kind`, 10)
      await transport.request({ method: 'POST', path, body: { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: `g${i}` }, spec: { i } } })
    }
    for (const { transport } of clients) expect((await transport.request({ method: 'GET', path })).body).toMatchObject({ items: [0, 1, 2, 3].map((i) => ({ metadata: { name: `g${i}` } })) })
  })

  test('controllers and scheduler in the first process act on what workers take', async () => {
    await clients[0]!.create(deployments, web({ replicas: 3 }))
    await until(async () => (await clients[1]!.get(deployments, inDefault('web'))).status?.readyReplicas === 3, 'three replicas are ready')
    const { body } = await clients[2]!.transport.request({ method: 'GET', path: '/api/v1/componentstatuses' })
    expect(JSON.stringify(body)).not.toContain('has not started')
  })

  test('an extension API server is reached through every process', async () => {
    const { data } = await clients[0]!.get(configmaps, { namespace: 'kube-system', name: 'extension-apiserver-authentication' })
    await using extension = await startExtensionServer('wardle.default.svc', data!['requestheader-client-ca-file']!)
    await clients[0]!.create(services, { metadata: inDefault('wardle'), spec: { type: 'ExternalName', externalName: '127.0.0.1' } })
    await clients[0]!.create(apiservices, {
      metadata: { name: 'v1alpha1.wardle.example.com' },
      spec: { group: 'wardle.example.com', version: 'v1alpha1', groupPriorityMinimum: 2000, versionPriority: 200, caBundle: extension.caBundle, service: { namespace: 'default', name: 'wardle', port: extension.port } },
    })
    for (const { transport } of clients) {
      await until(async () => JSON.stringify((await transport.request({ method: 'GET', path: '/apis/wardle.example.com/v1alpha1/namespaces/default/flunders' })).body).includes('FlunderList'), 'it is served')
    }
    await clients[0]!.delete(apiservices, { name: 'v1alpha1.wardle.example.com' })
  })

  test('a webhook is asked by every process', async () => {
    await using server = await startHttpsServer(['hook'], ({ body }) => {
      const { apiVersion, kind, request } = body as { apiVersion: string; kind: string; request: { uid: string } }
      return { body: { apiVersion, kind, response: { uid: request.uid, allowed: false, status: { message: 'not this one' } } } }
    })
    await clients[0]!.create(validatingwebhookconfigurations, {
      metadata: { name: 'refuses' },
      webhooks: [{
        name: 'refuses.example.com', clientConfig: { url: `${server.url}/refuse`, caBundle: server.caBundle }, admissionReviewVersions: ['v1'], sideEffects: 'None',
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }], objectSelector: { matchLabels: { refuse: 'me' } },
      }],
    })
    for (const client of clients) {
      const refused = (): Promise<string> => client.create(configmaps, { metadata: { ...inDefault('refused'), labels: { refuse: 'me' } } }, { dryRun: true }).then(() => 'taken', (error: Error) => error.message)
      await until(async () => (await refused()) === 'admission webhook "refuses.example.com" denied the request: not this one', 'it is refused')
    }
    await clients[0]!.delete(validatingwebhookconfigurations, { name: 'refuses' })
  })

  test('web sockets, and the way to kubelets, lead through every process', async () => {
    const { server, ca, cert, key } = await connectionOf(await readKubeconfig(cluster.kubeconfig))
    const first = (): Promise<string> => new Promise((resolve, reject) => {
      const socket = new WebSocket(`${server.replace('https', 'wss')}/api/v1/namespaces?watch=1`, { ca, cert, key })
      socket.once('message', (message: Buffer) => {
        resolve(message.toString())
        socket.close()
      }).on('error', reject)
    })
    for (const message of await Promise.all([1, 2, 3, 4].map(first))) expect(JSON.parse(message)).toMatchObject({ type: 'ADDED' })
    const [pod] = (await clients[0]!.list(pods, { namespace: 'default' })).items
    for (const { transport } of clients) {
      await expect(transport.request({ method: 'GET', path: `/api/v1/namespaces/default/pods/${pod!.metadata.name}/log` })).rejects.toThrow('is simulated: its pods have no processes')
    }
  })

  test('each process has an audit log of its own, and together they have every request', () => {
    const files = readdirSync(directory.path).filter((name) => name.startsWith('audit')).sort()
    expect(files).toEqual(['audit-worker-1.log', 'audit-worker-2.log', 'audit.log'])
    const creates = files.flatMap((file) => readFileSync(join(directory.path, file), 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { verb: string; stage: string; objectRef: { name: string } }))
      .filter(({ verb, stage, objectRef }) => verb === 'patch' && stage === 'ResponseComplete' && objectRef.name.startsWith('at-once-'))
    expect(creates).toHaveLength(60)
  })

  test('a worker is killed under load: nothing acknowledged is lost, the others go on, and another takes its place', async () => {
    const acknowledged: string[] = []
    let writing = true
    const enough = createDeferred()
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const client = await connect()
      for (let i = 0; writing; i++) {
        const name = `load-${writer}-${i}`
        // A connection that breaks takes the answer along: then nobody was told anything.
        const made = await client.create(configmaps, { metadata: inDefault(name), data: { filling: 'x'.repeat(2000) } }).catch(() => undefined)
        if (made) acknowledged.push(name)
        if (acknowledged.length === 200) enough.resolve()
      }
    })
    await enough.promise
    const [victim, other] = workers()
    process.kill(victim!, 'SIGKILL')
    const after = acknowledged.length
    await until(() => acknowledged.length > after + 200, 'writes go on')
    await until(() => workers().length === 2 && !workers().includes(victim!), 'another worker has started')
    expect(workers()).toContain(other)
    writing = false
    await Promise.all(writers)
    await until(async () => new Set(await Promise.all(Array.from({ length: 4 }, async () => processBehind(await connect())))).size === 2, 'the new one serves')
    for (const client of await Promise.all([connect(), connect()])) {
      const { items } = await client.list(configmaps, { namespace: 'default' })
      const kept = new Set(items.map(({ metadata }) => metadata.name))
      expect(acknowledged.filter((name) => !kept.has(name))).toEqual([])
    }
  })

  test('navarch down leaves no process', async () => {
    const pids = [cluster.process.pid!, ...workers()]
    expect((await navarch(['down', '--data-dir', cluster.dataDir])).code).toBe(0)
    expect(await cluster.ended).toBe(0)
    expect(pids.filter(isThere)).toEqual([])
  })
})

test('SIGTERM under load: workers finish what they have begun, so what was acknowledged is there and nothing else is', async () => {
  using directory = scratch()
  const acknowledged = new Set<string>()
  const names = async (cluster: Up): Promise<Set<string>> => {
    await using transport = createHttpTransport(await connectionOf(await readKubeconfig(cluster.kubeconfig)))
    const { items } = await createClient(transport).list(configmaps, { namespace: 'default' })
    return new Set(items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('w')))
  }
  {
    await using cluster = await up(directory.path, ['--sim', '0', '--api-workers', '2'])
    const enough = createDeferred()
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      await using transport = createHttpTransport(await connectionOf(await readKubeconfig(cluster.kubeconfig)))
      const client = createClient(transport)
      for (let i = 0; ; i++) {
        const name = `w${writer}-${i}`
        // Until nothing is let in any more.
        const made = await client.create(configmaps, { metadata: inDefault(name), data: { filling: 'x'.repeat(2000) } }).catch(() => undefined)
        if (!made) return
        acknowledged.add(name)
        if (acknowledged.size === 500) enough.resolve()
      }
    })
    await enough.promise
    cluster.process.kill('SIGTERM')
    expect(await cluster.ended).toBe(0)
    await Promise.all(writers)
  }
  await using again = await up(directory.path, ['--sim', '0'])
  expect(await names(again)).toEqual(acknowledged)
})

test.each([['Node', process.execPath], ['Bun', bun]])('on %s, when the first process is killed its workers end', async (_name, runtime) => {
  using directory = scratch()
  await using cluster = await up(directory.path, ['--sim', '0', '--api-workers', '2'], runtime)
  const workers = processesOf(cluster.process.pid!)
  expect(workers).toHaveLength(2)
  cluster.process.kill('SIGKILL')
  await cluster.ended
  await until(() => !workers.some(isThere), 'they are gone')
})

test('what several processes cannot do together is refused by name', async () => {
  using directory = scratch()
  const ran = await navarch(['up', '--sim', '0', '--data-dir', join(directory.path, 'data'), '--kubeconfig', join(directory.path, 'kubeconfig'), '--secure-port', '0', '--api-workers', '1', '--audit-log-path', '-'])
  expect(ran.code).toBe(1)
  expect(ran.err).toContain('--api-workers 1: lines of several processes would mix on standard output. Name a file with --audit-log-path')
})
