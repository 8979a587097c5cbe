import { expect, test } from 'vitest'
import { type admissionregistration, configmaps, mutatingwebhookconfigurations, pods, validatingwebhookconfigurations } from '#api/index'
import type { Input } from '#apimachinery/object'
import { type HttpsTestServer, startHttpsServer } from '#apiserver/testing/https-server'
import { startCluster } from '#testing/index'
import { allowed, denied } from './attempts'
import { pod } from './manifests'

type Webhook = Input<admissionregistration.ValidatingWebhook>

/** What a webhook is asked, as far as these look at it. */
interface Review {
  readonly apiVersion: string
  readonly kind: string
  readonly request: { readonly uid: string; readonly operation: string; readonly dryRun: boolean; readonly object: { readonly data?: Readonly<Record<string, string>>; readonly spec?: { readonly containers: readonly { readonly image: string }[] } } | null }
}
type Response = { readonly allowed: boolean; readonly patchType?: 'JSONPatch'; readonly patch?: string; readonly status?: object; readonly warnings?: readonly string[] }

/** A server of webhooks, each at a path of its own. */
const serve = (hooks: Readonly<Record<string, (request: Review['request']) => Response>>): Promise<HttpsTestServer> =>
  startHttpsServer(['hook'], ({ path, body }) => {
    const { apiVersion, kind, request } = body as Review
    return { body: { apiVersion, kind, response: { uid: request.uid, ...hooks[path.split('?')[0]!]!(request) } } }
  })

const webhook = ({ url, caBundle }: HttpsTestServer, path: string, resource: string, more: Partial<Webhook> = {}): Webhook => ({
  name: `${path.slice(1)}.example.com`, clientConfig: { url: url + path, caBundle }, admissionReviewVersions: ['v1'], sideEffects: 'None', timeoutSeconds: 2,
  rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: [resource] }],
  // The cluster makes such objects too.
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } }, ...more,
})
const patch = (...operations: object[]): Response => ({ allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') })
const settings = (name: string, data: Record<string, string> = {}) => configmaps.make({ metadata: { namespace: 'default', name }, data })

test('a webhook adds to pods, another refuses some in its words, and what it warns of is passed on', async () => {
  await using server = await serve({
    '/sidecar': () => patch({ op: 'add', path: '/spec/containers/-', value: { name: 'proxy', image: 'proxy:1' } }, { op: 'add', path: '/metadata/labels', value: { mesh: 'yes' } }),
    '/images': ({ object }) => {
      const latest = object!.spec!.containers.filter(({ image }) => image.endsWith(':latest'))
      return latest.length > 0 ? { allowed: false, status: { code: 409, reason: 'Conflict', message: `no moving images: ${latest[0]!.image}` } } : { allowed: true, warnings: [`${object!.spec!.containers.length} containers`] }
    },
  })
  await using cluster = await startCluster({ nodes: 1 })
  const { client, until } = cluster
  await client.apply(mutatingwebhookconfigurations.make({ metadata: { name: 'mesh' }, webhooks: [webhook(server, '/sidecar', 'pods')] }))
  await client.apply(validatingwebhookconfigurations.make({ metadata: { name: 'images' }, webhooks: [webhook(server, '/images', 'pods')] }))
  const moving = pod('moving', { containers: [{ name: 'main', image: 'web:latest' }] })
  const refused = await denied(() => client.create(pods, moving, { dryRun: true }))
  expect(refused.status).toMatchObject({ code: 409, reason: 'Conflict', message: 'admission webhook "images.example.com" denied the request: no moving images: web:latest' })

  const answer = await client.transport.request({ method: 'POST', path: '/api/v1/namespaces/default/pods', body: pod('web') })
  expect(answer.warnings).toEqual(['2 containers'])
  // What was added is defaulted, and runs.
  const runs = await until(pods, 'web', ({ status }) => status?.phase === 'Running')
  expect(runs.metadata.labels).toEqual({ mesh: 'yes' })
  expect(runs.spec.containers.map(({ name, imagePullPolicy }) => [name, imagePullPolicy])).toEqual([['main', 'IfNotPresent'], ['proxy', 'IfNotPresent']])
  expect(runs.status.containerStatuses!.map(({ name }) => name).sort()).toEqual(['main', 'proxy'])

  await client.delete(mutatingwebhookconfigurations, { name: 'mesh' })
  await client.delete(validatingwebhookconfigurations, { name: 'images' })
  await allowed(async () => expect((await client.create(pods, moving, { dryRun: true })).spec.containers).toHaveLength(1))
})

test('while its server is gone, a webhook closes the door or leaves it open', async () => {
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  const server = await serve({ '/closed': () => ({ allowed: true }), '/open': () => patch({ op: 'add', path: '/data/seen', value: 'yes' }) })
  const configure = (failurePolicy: string) => client.apply(mutatingwebhookconfigurations.make({ metadata: { name: 'marks' }, webhooks: [webhook(server, '/open', 'configmaps', { failurePolicy })] }))
  await configure('Ignore')
  await client.apply(validatingwebhookconfigurations.make({ metadata: { name: 'judges' }, webhooks: [webhook(server, '/closed', 'services', { failurePolicy: 'Fail' })] }))
  const services = (): Promise<unknown> => client.transport.request({ method: 'POST', path: '/api/v1/namespaces/default/services', query: { dryRun: 'All' }, body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } } })
  await allowed(async () => expect((await client.create(configmaps, settings('there', { a: '1' }), { dryRun: true })).data).toEqual({ a: '1', seen: 'yes' }))
  await services()

  await server[Symbol.asyncDispose]()
  expect((await client.create(configmaps, settings('ignored', { a: '1' }))).data).toEqual({ a: '1' })
  const failed = await denied(services)
  expect(failed.code).toBe(500)
  expect(failed.message).toMatch(/^Internal error occurred: failed calling webhook "closed\.example\.com": failed to call webhook: Post "https:\/\/127\.0\.0\.1:\d+\/closed\?timeout=2s": dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/)
  await configure('Fail')
  expect((await denied(() => client.create(configmaps, settings('refused'), { dryRun: true }))).message).toContain('failed calling webhook "open.example.com"')
  // Nobody is locked out: configurations themselves are never asked about.
  await client.delete(mutatingwebhookconfigurations, { name: 'marks' })
  await allowed(() => client.create(configmaps, settings('free')))
})

test('dry runs ask only webhooks that say they have no other effects, and tell them', async () => {
  const counted: string[] = []
  await using server = await serve({ '/pure': ({ dryRun }) => (counted.push(`pure ${dryRun}`), { allowed: true }), '/careful': ({ dryRun }) => (counted.push(`careful ${dryRun}`), { allowed: true }) })
  await using cluster = await startCluster({ nodes: 0 })
  const { client } = cluster
  await client.apply(validatingwebhookconfigurations.make({ metadata: { name: 'a' }, webhooks: [webhook(server, '/pure', 'configmaps', { sideEffects: 'None' }), webhook(server, '/careful', 'configmaps', { sideEffects: 'NoneOnDryRun' })] }))
  const dry = () => client.create(configmaps, settings('dry'), { dryRun: true })
  await allowed(async () => {
    await dry()
    expect(counted.length).toBeGreaterThan(0)
  })
  await client.create(configmaps, settings('wet'))
  expect(counted.sort()).toEqual(['careful false', 'careful true', 'pure false', 'pure true'])
  expect((await client.list(configmaps, { namespace: 'default', fieldSelector: 'metadata.name=dry' })).items).toEqual([])

  // The API takes no others any more; those that it took once are still there.
  const some = client.apply(validatingwebhookconfigurations.make({ metadata: { name: 'b' }, webhooks: [webhook(server, '/pure', 'configmaps', { sideEffects: 'Some' })] }))
  await expect(some).rejects.toThrow('webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"')
})
