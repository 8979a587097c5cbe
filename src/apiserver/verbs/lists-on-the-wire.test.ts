import { afterAll, beforeAll, expect, test } from 'vitest'
import { configmaps } from '#api/core/v1/config-map'
import { createFakeClock } from '#base/fake-clock'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { startTestServer } from '../testing/test-server'
import { startTlsServer, type TlsServer } from '../testing/tls-server'

const path = '/api/v1/namespaces/default/configmaps'
const store = openMemoryStore()
let server: TlsServer
let old: number
let newest: number

beforeAll(async () => {
  server = await startTlsServer({ store })
  const make = async (name: string, data: Record<string, string> = {}): Promise<number> => Number((await server.client.create(configmaps, { metadata: { name, namespace: 'default' }, data })).metadata.resourceVersion)
  old = await make('a')
  await make('b')
  newest = await make('big', { k: 'x'.repeat(200_000) })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
})

interface Status { code: number; message: string; reason: string }
interface List { kind: string; metadata: { resourceVersion: string; continue?: string }; items: { metadata: { name: string } }[] }
interface Event { type: string; object: { kind: string; code?: number; message?: string; reason?: string; metadata: { name?: string; resourceVersion: string; annotations?: Record<string, string> } } }

const read = async <T>(query: string): Promise<{ code: number; body: T }> => {
  const { code, body } = await server.ask(`${path}?${query.replaceAll('OLD', String(old)).replaceAll('NEWEST', String(newest))}`)
  return { code, body: JSON.parse(body.toString()) as T }
}
const names = (list: List): string[] => list.items.map(({ metadata }) => metadata.name)

test.each<[string, string[]]>([
  ['', ['a', 'b', 'big']],
  ['resourceVersion=0', ['a', 'b', 'big']],
  ['resourceVersion=OLD', ['a', 'b', 'big']],
  ['resourceVersion=OLD&resourceVersionMatch=NotOlderThan', ['a', 'b', 'big']],
  ['resourceVersion=0&resourceVersionMatch=NotOlderThan', ['a', 'b', 'big']],
  ['resourceVersion=OLD&resourceVersionMatch=Exact', ['a']],
  ['resourceVersion=OLD&limit=5', ['a']],
  ['resourceVersion=0&limit=1', ['a', 'b', 'big']],
  ['limit=1', ['a']],
  ['limit=-1', ['a', 'b', 'big']],
  ['resourceVersion=NEWEST&resourceVersionMatch=Exact&limit=2', ['a', 'b']],
])('a list with %s', async (query, expected) => {
  const { code, body } = await read<List>(query)
  expect(code).toBe(200)
  expect(names(body)).toEqual(expected)
})

test.each<[string, number, string]>([
  ['resourceVersionMatch=Exact', 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
  ['resourceVersion=0&resourceVersionMatch=Exact', 422, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'],
  ['resourceVersion=1&resourceVersionMatch=About', 422, 'Unsupported value: "About"'],
  ['sendInitialEvents=true', 422, 'sendInitialEvents is forbidden for list'],
  ['resourceVersion=x', 400, 'invalid resource version'],
  ['limit=9223372036854775808', 400, 'value out of range'],
  ['limit=1e9', 400, 'invalid syntax'],
  ['continue=%00', 400, 'continue key is not valid'],
  ['fieldSelector=data.x%3D1', 400, 'is not a known field selector'],
  ['labelSelector=a%20b', 400, 'unable to parse requirement'],
  ['watch=1&resourceVersionMatch=NotOlderThan', 422, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'],
  ['watch=1&sendInitialEvents=true', 422, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
])('refuses %s', async (query, code, text) => {
  const { code: found, body } = await read<Status>(query)
  expect([found, body.message]).toEqual([code, expect.stringContaining(text)])
})

/** With no time left, a watch ends behind what there is to be told at once. */
const watch = async (query: string): Promise<{ code: number; events: Event[] }> => {
  const { code, body } = await server.ask(`${path}?watch=1&timeoutSeconds=-1&${query.replaceAll('OLD', String(old)).replaceAll('NEWEST', String(newest))}`)
  return { code, events: body.toString().trim().split('\n').filter(Boolean).map((line) => JSON.parse(line) as Event) }
}
const shown = ({ type, object }: Event): string => `${type} ${object.metadata.name ?? object.code ?? ''}`.trim()

test('a watch list ends its state with a bookmark', async () => {
  const { code, events } = await watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true')
  expect(code).toBe(200)
  expect(events.map(shown)).toEqual(['ADDED a', 'ADDED b', 'ADDED big', 'BOOKMARK'])
  expect(events.at(-1)!.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
  expect(Number(events.at(-1)!.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(newest)
})

test.each<[string, string[]]>([
  ['resourceVersion=OLD', ['ADDED b', 'ADDED big']],
  ['resourceVersion=0', ['ADDED a', 'ADDED b', 'ADDED big']],
  ['resourceVersion=OLD&fieldSelector=metadata.name%3Db', ['ADDED b']],
  ['sendInitialEvents=false&resourceVersionMatch=NotOlderThan', []],
])('a watch with %s', async (query, expected) => expect((await watch(query)).events.map(shown)).toEqual(expected))

test('a watch from what is not there yet waits; a watch list of it is refused in an event', async () => {
  expect((await watch('resourceVersion=999999')).events).toEqual([])
  const clock = createFakeClock()
  await using patient = await startTestServer({ clock })
  const waiting = patient.transport.watch({ method: 'GET', path, query: { watch: '1', resourceVersion: '999999', sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' } }, () => {})
  const refused = expect(waiting).rejects.toThrow('Too large resource version: 999999')
  await patient.flushed()
  await clock.advance(3000)
  await refused
})

test('a get, a list and a watch from before what is kept are told 410, the watch in an event', async () => {
  const first = await read<List>('limit=1')
  await server.client.create(configmaps, { metadata: { name: 'later', namespace: 'default' } })
  await store.compact(await store.current())
  const { code, body } = await read<Status & { metadata: { continue: string } }>(`limit=1&continue=${first.body.metadata.continue}`)
  expect([code, body.reason]).toEqual([410, 'Expired'])
  expect(names((await read<List>(`continue=${body.metadata.continue}`)).body)).toEqual(['b', 'big', 'later'])
  // A cache that begins here knows nothing of what was before.
  await using fresh = await startTlsServer({ store })
  const answer = await fresh.ask(`${path}?watch=1&timeoutSeconds=-1&resourceVersion=${old}`)
  expect(answer.code).toBe(200)
  expect(JSON.parse(answer.body.toString()) as Event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: expect.stringContaining('too old resource version') as string } })
})

test('answers beyond 128 KiB are packed for those who take it, one object or many', async () => {
  const packed = { headers: { 'accept-encoding': 'deflate, gzip' } }
  for (const target of [path, `${path}/big`, '/api/v1/configmaps']) {
    const { headers, body } = await server.ask(target, packed)
    expect([target, headers['content-encoding'], headers['vary'], body.length > 200_000]).toEqual([target, 'gzip', 'Accept-Encoding', true])
  }
  expect((await server.ask(`${path}/a`, packed)).headers['content-encoding']).toBeUndefined()
  expect((await server.ask(`${path}/big`, { headers: { 'accept-encoding': 'gzip;q=0' } })).headers['content-encoding']).toBeUndefined()
})

const meta = ';g=meta.k8s.io;v=v1'

test.each<[string, string, string]>([
  [path, `application/json;as=Table${meta}`, 'Table'],
  [path, `application/json;as=PartialObjectMetadataList${meta}`, 'PartialObjectMetadataList'],
  [`${path}/a`, `application/json;as=PartialObjectMetadata${meta}`, 'PartialObjectMetadata'],
  [`${path}/a`, `application/json;as=Table${meta}, application/json`, 'Table'],
])('%s as %s', async (target, accept, kind) => expect((JSON.parse((await server.ask(target, { headers: { accept } })).body.toString()) as { kind: string }).kind).toBe(kind))

test.each<[string, string, string]>([
  [path, 'text/html', '406: Not Acceptable'],
  [path, `application/json;as=Chart${meta}`, 'only the following media types are accepted'],
  [path, `application/json;as=PartialObjectMetadata${meta}`, 'you requested PartialObjectMetadata, but the requested object is a list'],
  [`${path}/a`, `application/json;as=PartialObjectMetadataList${meta}`, 'you requested PartialObjectMetadataList, but the requested object is not a list'],
  [path, `application/vnd.kubernetes.protobuf;as=Table${meta}`, 'only the following media types are accepted'],
])('%s is not had as %s', async (target, accept, text) => {
  const { code, body } = await server.ask(target, { headers: { accept } })
  expect([code, body.toString()]).toEqual([406, expect.stringContaining(text)])
})

test('tables include what is asked for, and pretty is pretty', async () => {
  const rows = async (include: string): Promise<unknown> =>
    (JSON.parse((await server.ask(`${path}?includeObject=${include}&limit=1`, { headers: { accept: `application/json;as=Table${meta}` } })).body.toString()) as { rows: { object: { kind: string } | null }[] }).rows[0]!.object?.kind
  expect(await Promise.all(['None', 'Metadata', 'Object'].map(rows))).toEqual([undefined, 'PartialObjectMetadata', 'ConfigMap'])
  expect((await server.ask(`${path}/a?pretty=true`)).body.toString()).toMatch(/^\{\n {2}"\w+": "[\w/]+",\n/)
})
