import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { UserInfo } from '#apiserver/authentication/authenticator'
import { jsonForm } from '#apiserver/encoding/json-form'
import { HttpExchange } from '#apiserver/listener/http-exchange'
import { dispatch } from '#apiserver/verbs/dispatch'
import { systemClock } from '#base/clock'
import { startControlPlane } from '#cluster/control-plane'
import { controlPlaneOptions } from '#cluster/options'
import { openStore } from '#cluster/open-store'
import { wholeOptions } from '#component-base/options/whole'
import { silent } from '#component-base/log'

/** What a crowd of definitions costs, by hand: how long each step took and how much memory they take, for `--count` of them. */
const { values } = parseArgs({ options: { count: { type: 'string', default: '1000' } } })
const user: UserInfo = { name: 'bench', groups: ['system:masters', 'system:authenticated'] }
const dir = mkdtempSync(join(tmpdir(), 'navarch-definitions-'))
const stopping = new AbortController()
const options = wholeOptions('definitions', controlPlaneOptions, { securePort: 0 })
const store = await openStore(options, dir, { clock: systemClock, log: silent })
const plane = await startControlPlane(options, { store, clock: systemClock, log: silent, signal: stopping.signal })
const { registry } = plane.apiServer

const none = new Uint8Array(0)
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
async function call(method: string, target: string, body?: Uint8Array, contentType = 'application/json'): Promise<number> {
  const headers = { 'user-agent': 'bench/1', accept: 'application/json', ...(body ? { 'content-type': contentType } : {}) }
  const exchange = new HttpExchange(method, target, headers, { headers }, '', () => Promise.resolve(body ?? none), () => {})
  exchange.user = user
  const result = await dispatch(registry, exchange)
  if (result.sort === 'entry') return jsonForm.single(result.kind, result.entry).length
  let size = 0
  if (result.sort === 'list') for (const piece of jsonForm.list(result)) size += piece.length
  return size
}

const text = { type: 'string' }
const definition = (name: string, group = 'bench.example.com'): object => ({
  metadata: { name: `${name}s.${group}` },
  spec: {
    group, scope: 'Namespaced', names: { plural: `${name}s`, kind: name[0]!.toUpperCase() + name.slice(1), shortNames: [`${name}x`] },
    versions: [{
      name: 'v1', served: true, storage: true, subresources: { status: {} },
      schema: {
        openAPIV3Schema: {
          type: 'object', properties: {
            data: { type: 'object', additionalProperties: text },
            spec: { type: 'object', properties: { replicas: { type: 'integer', minimum: 0, default: 1 }, items: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: text, value: text, port: { 'x-kubernetes-int-or-string': true } } } } } },
            status: { type: 'object', properties: { phase: text } },
          },
        },
      },
    }],
  },
})
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
async function served(path: string): Promise<void> {
  for (;;) {
    try {
      if ((await call('GET', path)) > 0) return
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function crowd(many: number): Promise<void> {
  const memory = (): number => {
    globalThis.gc?.()
    return process.memoryUsage().rss / 2 ** 20
  }
  const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const [start, cpu] = [performance.now(), process.cpuUsage()]
    const result = await work()
    const used = process.cpuUsage(cpu)
    console.log(`${what.padEnd(48)} ${(performance.now() - start).toFixed(0).padStart(6)} ms  ${((used.user + used.system) / 1000).toFixed(0).padStart(6)} ms CPU${typeof result === 'number' ? `  ${(result / 2 ** 20).toFixed(1)} MiB` : ''}`)
  }
  const transport = plane.apiServer.connect(user)
  const ask = async (path: string, accept?: string): Promise<number> => {
    const { bytes: body } = await transport.stream({ method: 'GET', path, ...(accept ? { accept } : {}) })
    let size = 0
    for await (const chunk of body) size += chunk.length
    return size
  }
  const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  // As operators bring them: some kinds each.
  const groupOf = (i: number): string => `group${Math.floor(i / 10)}.example.com`
  const before = memory()
  await timed(`${many} definitions, until the last is served`, async () => {
    for (let i = 0; i < many; i++) await call('POST', definitions, bytes(definition(`thing${i}`, groupOf(i))))
    for (let i = many - 1; i >= 0; i -= 100) await served(`/apis/${groupOf(i)}/v1/thing${i}s`)
  })
  console.log(`memory: ${before.toFixed(0)} MiB before, ${memory().toFixed(0)} MiB with them`)
  await timed('discovery, aggregated', () => ask('/apis', aggregated))
  await timed('discovery, aggregated, again', () => ask('/apis', aggregated))
  await timed('one more definition, until it is served', async () => {
    await call('POST', definitions, bytes(definition('late')))
    await served('/apis/bench.example.com/v1/lates')
  })
  await timed('discovery, aggregated, after it', () => ask('/apis', aggregated))
  await timed('/openapi/v3', () => ask('/openapi/v3'))
  await timed('/openapi/v3, again', () => ask('/openapi/v3'))
  await timed('/openapi/v3 of one group', () => ask(`/openapi/v3/apis/${groupOf(0)}/v1`))
  await timed('/openapi/v2', () => ask('/openapi/v2'))
  await timed('/openapi/v2, again', () => ask('/openapi/v2'))
  console.log(`memory: ${memory().toFixed(0)} MiB with their documents`)
}

try {
  await crowd(Number(values.count))
} finally {
  stopping.abort()
  await plane[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
}
