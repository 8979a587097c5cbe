import { mkdtempSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { secrets } from '#api/core/v1/secret'
import { FieldErrors } from '#apimachinery/field-errors'
import { systemClock } from '#base/clock'
import { silent, type Log } from '#component-base/log'
import { wholeOptions } from '#component-base/options/whole'
import { decodeStatus, encodeEnvelope } from '#storage/encrypted/kms-messages'
import { openLmdbStore } from '#storage/lmdb/open-lmdb-store'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import type { Store } from '#storage/store'
import { startTestServer } from '../testing/test-server'
import { validateEncryptionConfiguration } from './configuration'
import { openEncryption } from './open-encryption'
import { encryptionOptions } from './options'

const directory = (): string => mkdtempSync(join(tmpdir(), 'navarch-encryption-'))
const base64 = (byte: number, length = 32): string => Buffer.alloc(length, byte).toString('base64')
const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n'
const cbc = (name: string, byte: number): string => `  - aescbc: {keys: [{name: ${name}, secret: ${base64(byte)}}]}\n`
const config = (resources: string, ...providers: string[]): string => `${head}- resources: [${resources}]\n  providers:\n${providers.join('')}`
const plain = '  - identity: {}\n'

async function open(store: Store, text: string, more: { reload?: boolean; log?: Log; file?: string } = {}) {
  const file = more.file ?? join(directory(), 'encryption.yaml')
  writeFileSync(file, text)
  const options = wholeOptions('test', encryptionOptions, { encryptionProviderConfig: file, encryptionProviderConfigAutomaticReload: more.reload ?? false })
  return (await openEncryption(options, { store, clock: systemClock, log: more.log ?? silent }))!
}

const secret = (name: string, value: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, stringData: { password: value } }) as never
const stored = async (store: Store, name: string): Promise<string> => Buffer.from((await store.get(`/registry/core/secrets/default/${name}`))!.value).toString('latin1')

test('nothing of a secret is in the data directory, and a restart reads it', async () => {
  const dir = directory()
  const text = config("secrets, '*.apps'", cbc('key1', 1), plain)
  {
    await using store = await openLmdbStore({ dir, clock: systemClock, log: silent })
    await using encryption = await open(store, text)
    await using server = await startTestServer({ store: encryption.store })
    await server.client.create(secrets, secret('a', 'correct horse battery staple'))
  }
  const base = Buffer.from('correct horse battery staple').toString('base64')
  const found: string[] = []
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const bytes = readFileSync(join(entry.parentPath, entry.name))
    expect(bytes.includes('correct horse')).toBe(false)
    expect(bytes.includes(base)).toBe(false)
    if (bytes.includes('k8s:enc:aescbc:v1:key1:')) found.push(entry.name)
  }
  expect(found).not.toEqual([])
  await using store = await openLmdbStore({ dir, clock: systemClock, log: silent })
  await using encryption = await open(store, text)
  await using server = await startTestServer({ store: encryption.store })
  expect((await server.client.get(secrets, { namespace: 'default', name: 'a' })).data).toEqual({ password: base })
  await using bare = await startTestServer({ store })
  await expect(bare.client.get(secrets, { namespace: 'default', name: 'a' })).rejects.toThrow()
})

test('a new first provider writes; replacing what is there moves it to the new key', async () => {
  await using store = openMemoryStore()
  {
    await using encryption = await open(store, config('secrets', cbc('key1', 1), plain))
    await using server = await startTestServer({ store: encryption.store })
    await server.client.create(secrets, secret('a', 'x'))
    await server.client.create(secrets, secret('b', 'x'))
  }
  await using encryption = await open(store, config('secrets', cbc('key2', 2), cbc('key1', 1)))
  await using server = await startTestServer({ store: encryption.store })
  const a = await server.client.get(secrets, { namespace: 'default', name: 'a' })
  const replaced = await server.client.update(secrets, a)
  expect(await stored(store, 'a')).toMatch(/^k8s:enc:aescbc:v1:key2:/)
  expect(replaced.metadata.resourceVersion).not.toBe(a.metadata.resourceVersion)
  expect((await server.client.update(secrets, replaced)).metadata.resourceVersion).toBe(replaced.metadata.resourceVersion)
  expect(await stored(store, 'b')).toMatch(/^k8s:enc:aescbc:v1:key1:/)
})

test('the file is read again when it changes; one that is wrong changes nothing', async () => {
  const said: string[] = []
  let told: () => void = () => {}
  const heard = (): Promise<void> => new Promise((resolve) => (told = resolve))
  const log: Log = { ...silent, info: (message) => (said.push(message), told()), error: (message) => (said.push(message), told()) }
  await using store = openMemoryStore()
  const dir = directory()
  const file = join(dir, 'encryption.yaml')
  await using encryption = await open(store, config('secrets', plain), { reload: true, log, file })
  expect(encryption.checks.map(({ name }) => name)).toEqual(['kms-providers'])
  await using server = await startTestServer({ store: encryption.store })
  await server.client.create(secrets, secret('a', 'x'))
  expect(await stored(store, 'a')).not.toContain('k8s:enc')

  const replace = async (text: string): Promise<void> => {
    const done = heard()
    writeFileSync(join(dir, 'next'), text)
    renameSync(join(dir, 'next'), file)
    await done
  }
  await replace(config('secrets', cbc('key1', 1), plain))
  expect(said.at(-1)).toBe('the encryption configuration was loaded again')
  await server.client.update(secrets, await server.client.get(secrets, { namespace: 'default', name: 'a' }))
  expect(await stored(store, 'a')).toMatch(/^k8s:enc:aescbc:v1:key1:/)
  await replace(config('secrets', '  - aescbc: {}\n'))
  expect(said.at(-1)).toMatch(/could not be loaded/)
  await server.client.create(secrets, secret('b', 'x'))
  expect(await stored(store, 'b')).toMatch(/^k8s:enc:aescbc:v1:key1:/)
})

test('a KMS v2 plugin behind a unix socket', async () => {
  const dir = directory()
  const socket = join(dir, 'kms.sock')
  const seen: string[] = []
  const raw = { requestSerialize: (value: Buffer) => value, requestDeserialize: (value: Buffer) => value, responseSerialize: (value: Buffer) => value, responseDeserialize: (value: Buffer) => value }
  const method = (name: string) => ({ path: `/v2.KeyManagementService/${name}`, requestStream: false, responseStream: false, ...raw })
  const plugin = new Server()
  // Field 1 of requests and answers is the key in question; field 2 of an Encrypt answer names the plugin's key.
  const first = (message: Buffer): Buffer => message.subarray(2, 2 + message[1]!)
  const field = (number: number, value: Buffer): Buffer => Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value])
  const turned = (value: Buffer): Buffer => Buffer.from(value.map((byte) => byte ^ 0xff))
  plugin.addService({ Status: method('Status'), Encrypt: method('Encrypt'), Decrypt: method('Decrypt') }, {
    Status: (_call: unknown, done: sendUnaryData<Buffer>) => (seen.push('Status'), done(null, Buffer.concat([field(1, Buffer.from('v2')), field(2, Buffer.from('ok')), field(3, Buffer.from('key-1'))]))),
    Encrypt: ({ request }: { request: Buffer }, done: sendUnaryData<Buffer>) => (seen.push('Encrypt'), done(null, Buffer.concat([field(1, turned(first(request))), field(2, Buffer.from('key-1'))]))),
    Decrypt: ({ request }: { request: Buffer }, done: sendUnaryData<Buffer>) => (seen.push('Decrypt'), done(null, field(1, turned(first(request))))),
  })
  await new Promise<void>((resolve, reject) => plugin.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())))
  try {
    const text = config('secrets', `  - kms: {apiVersion: v2, name: vault, endpoint: 'unix://${socket}', timeout: 3s}\n`, plain)
    await using store = openMemoryStore()
    {
      await using encryption = await open(store, text)
      await encryption.checks[0]!.check(new AbortController().signal)
      await using server = await startTestServer({ store: encryption.store })
      await server.client.create(secrets, secret('a', 'x'))
      expect(await stored(store, 'a')).toMatch(/^k8s:enc:kms:v2:vault:/)
      expect(seen).toEqual(['Status', 'Encrypt'])
    }
    await using encryption = await open(store, text)
    await using server = await startTestServer({ store: encryption.store })
    expect((await server.client.get(secrets, { namespace: 'default', name: 'a' })).data).toEqual({ password: 'eA==' })
    expect(seen).toEqual(['Status', 'Encrypt', 'Status', 'Encrypt', 'Decrypt'])
  } finally {
    plugin.forceShutdown()
  }
})

test('messages: fields that are not known are passed over', () => {
  expect(decodeStatus(Buffer.from([0x0a, 2, 0x76, 0x32, 0x7a, 1, 0, 0x1a, 1, 0x6b]))).toEqual({ version: 'v2', healthz: '', keyId: 'k' })
  expect(Buffer.from(encodeEnvelope({ data: Uint8Array.of(1), keyId: 'k', source: Uint8Array.of(2), annotations: new Map([['a.b', Uint8Array.of(3)]]), sourceType: 1 })).toString('hex')).toBe('0a0101' + '12016b' + '1a0102' + '2208' + '0a03612e62' + '120103' + '2801')
})

const problems = (resources: unknown, reload = false): string[] => {
  const errors = new FieldErrors()
  validateEncryptionConfiguration({ resources } as never, reload, errors)
  return errors.all.map(({ field, message }) => `${field}: ${message}`)
}
const identities = [{ identity: {} }]

test.each<[unknown, string | undefined]>([
  [[{ resources: ['secrets'], providers: identities }], undefined],
  [[{ resources: ['secrets', '*.apps', '*.'], providers: identities }], 'overlapping'],
  [[{ resources: ['*.*'], providers: identities }], undefined],
  [[{ resources: ['*.*', 'secrets'], providers: identities }], 'overlapping'],
  [[{ resources: ['secrets', 'secrets'], providers: identities }], 'multiple times'],
  [[{ resources: ['Secrets'], providers: identities }], 'capital letters'],
  [[{ resources: ['*'], providers: identities }], "use '*.'"],
  [[{ resources: ['events.events.k8s.io'], providers: identities }], "Use 'events' instead"],
  [[{ resources: ['pods.*'], providers: identities }], 'across groups'],
  [[{ resources: ['secrets'], providers: [] }], 'resources[0].providers: Required value: at least one resources[0].providers is required'],
  [[{ resources: ['secrets'], providers: [{}] }], 'does not contain any of the expected providers'],
  [[{ resources: ['secrets'], providers: [{ identity: {}, aescbc: { keys: [] } }] }], 'more than one provider'],
  [[{ resources: ['secrets'], providers: [{ aescbc: { keys: [{ name: 'a', secret: base64(1, 8) }] } }] }], 'resources[0].providers[0].aescbc.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 8, expected one of [16 24 32]'],
  [[{ resources: ['secrets'], providers: [{ secretbox: { keys: [{ name: 'a', secret: '?' }] } }] }], 'base64'],
  [[{ resources: ['secrets'], providers: [{ kms: { apiVersion: 'v2', name: 'a:b', endpoint: 'unix:///a' } }] }], "must not contain ':'"],
  [[{ resources: ['secrets'], providers: [{ kms: { apiVersion: 'v2', name: 'a', endpoint: 'http://a' } }] }], 'unsupported scheme "http"'],
  [[{ resources: ['secrets'], providers: [{ kms: { apiVersion: 'v2', name: 'a', endpoint: 'unix:///a', cachesize: 1 } }] }], 'not supported in v2'],
  [[{ resources: ['secrets'], providers: [{ kms: { apiVersion: 'v2', name: 'a', endpoint: 'unix:///a', timeout: '0s' } }] }], 'positive value'],
])('configurations: %j', (resources, expected) => {
  const found = problems(resources)
  if (expected === undefined) expect(found).toEqual([])
  else expect(found.join()).toContain(expected)
})

test('what masks something else, and what is not supported, is refused', async () => {
  await using store = openMemoryStore()
  await expect(open(store, `${config("'*.*'", plain)}- resources: [secrets]\n  providers:\n${plain}`)).rejects.toThrow('resource "secrets" is masked by earlier rule "*.*"')
  await expect(open(store, config('secrets', '  - kms: {name: a, endpoint: unix:///none}\n'))).rejects.toThrow('KMSv1 is deprecated')
  await expect(open(store, config('secrets', '  - rot13: {}\n'))).rejects.toThrow('unknown field "resources[0].providers[0].rot13"')
})
