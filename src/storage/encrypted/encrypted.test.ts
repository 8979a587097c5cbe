import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { openMemoryStore } from '../memory/open-memory-store'
import type { Store } from '../store'
import { storeSuite } from '../suite'
import { aesCbc, aesGcm, derivedGcm, secretbox } from './ciphers'
import { encryptedStore } from './encrypted-store'
import { openKms } from './kms'
import type { Encrypted } from './kms-messages'
import type { KmsService } from './kms-service'
import { byPrefix, identity, type Provider, type Transformer } from './transformer'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const shown = (value: Uint8Array): string => Buffer.from(value).toString('latin1')
const provider = (prefix: string, transformer: Transformer): Provider => ({ prefix: text(prefix), transformer })
const gcm = provider('k8s:enc:aesgcm:v1:one:', aesGcm(new Uint8Array(32).fill(1)))
const cbc = provider('k8s:enc:aescbc:v1:one:', aesCbc(new Uint8Array(32).fill(2)))
const plain = provider('', identity)

describe('encrypted store', () => {
  storeSuite(test, {
    embedded: true,
    knowsRemaining: true,
    async open() {
      const clock = createFakeClock()
      return { store: encryptedStore(openMemoryStore({ clock }), () => byPrefix([gcm, plain])), elapse: (ms) => clock.advance(ms) }
    },
  })
})

describe('encrypted store whose transformer must ask', () => {
  const asking: Transformer = { write: gcm.transformer.write, read: async (stored, key) => gcm.transformer.read(stored, key) }
  storeSuite(test, {
    embedded: false,
    knowsRemaining: true,
    async open() {
      const clock = createFakeClock()
      // Its own copies, so that nothing is known from when it was written.
      const memory = openMemoryStore({ clock })
      const copying: Store = { ...memory, write: (changes) => memory.write(changes.map((one) => ('value' in one ? { ...one, value: one.value.slice() } : one))) }
      return { store: encryptedStore(copying, () => asking), elapse: (ms) => clock.advance(ms) }
    },
  })
})

test.each([
  ['aescbc', aesCbc(randomBytes(32))], ['aescbc of 128 bits', aesCbc(randomBytes(16))], ['aesgcm', aesGcm(randomBytes(24))], ['secretbox', secretbox(randomBytes(32))], ['kms', derivedGcm(randomBytes(32))],
])('%s: reads what it writes, never the same twice', (_name, cipher) => {
  for (const value of ['', 'short', 'x'.repeat(1000)]) {
    const stored = cipher.write(text(value), '/a')
    expect(shown(stored)).not.toContain('short')
    expect(stored).not.toEqual(cipher.write(text(value), '/a'))
    expect(cipher.read(stored, '/a')).toEqual({ value: text(value), stale: false })
    expect(() => cipher.read(stored.slice(0, 8), '/a')).toThrow('shorter')
  }
})

test('what was changed or moved is not read', () => {
  for (const cipher of [aesGcm(randomBytes(32)), derivedGcm(randomBytes(32))]) {
    const stored = cipher.write(text('value'), '/a')
    expect(() => cipher.read(stored, '/b')).toThrow('authentication failed')
    stored[stored.length - 1]! ^= 1
    expect(() => cipher.read(stored, '/a')).toThrow('authentication failed')
  }
  const box = secretbox(randomBytes(32))
  const stored = box.write(text('value'), '/a')
  stored[30]! ^= 1
  expect(() => box.read(stored, '/a')).toThrow('not of this key')
})

test('secretbox is NaCl’s', () => {
  // NaCl's own test vector of crypto_secretbox.
  const firstKey = Buffer.from('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389', 'hex')
  const vector = Buffer.from('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37f3ffac9e7acf5c5e0ef2eb3a94b5c6d9', 'hex').subarray(0, 24)
  const message = Buffer.from('be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705', 'hex')
  const sealed = Buffer.from('f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5', 'hex')
  expect(Buffer.from((secretbox(firstKey).read(Buffer.concat([vector, sealed]), '/a') as { value: Uint8Array }).value)).toEqual(message)
})

test('the first provider writes, all read; what others wrote is stale until it is written again', async () => {
  const memory = openMemoryStore()
  let store = encryptedStore(memory, () => byPrefix([plain, cbc]))
  const first = await store.write([{ key: '/a', value: text('one'), expect: 'absent' }])
  expect(store.isStale('/a', first)).toBe(false)

  store = encryptedStore(memory, () => byPrefix([cbc, plain]))
  expect((await store.get('/a'))!.value).toEqual(text('one'))
  expect(store.isStale('/a', first)).toBe(true)
  const second = await store.write([{ key: '/a', value: text('one'), expect: first }])
  expect(store.isStale('/a', second)).toBe(false)
  expect(shown((await memory.get('/a'))!.value)).toMatch(/^k8s:enc:aescbc:v1:one:/)

  await store.use(() => byPrefix([gcm, cbc]))
  expect(store.isStale('/a', second)).toBe(true)
  expect((await store.get('/a'))!.value).toEqual(text('one'))
  const third = await store.write([{ key: '/a', value: text('one'), expect: second }])
  expect(store.isStale('/a', third)).toBe(false)
  expect(shown((await memory.get('/a'))!.value)).toMatch(/^k8s:enc:aesgcm:v1:one:/)

  const without = encryptedStore(memory, () => identity)
  await expect(without.get('/a')).rejects.toThrow('unable to transform key "/a": identity transformer tried to read encrypted data')
  await expect(encryptedStore(memory, () => byPrefix([cbc])).get('/a')).rejects.toThrow('no matching prefix found')
  await memory[Symbol.asyncDispose]()
})

test('two keys of one sort: the second is tried where the first cannot', () => {
  const other = provider('k8s:enc:aesgcm:v1:', byPrefix([provider('one:', aesGcm(new Uint8Array(32).fill(9)))]))
  const mine = provider('k8s:enc:aesgcm:v1:', byPrefix([provider('one:', gcm.transformer)]))
  const stored = byPrefix([mine]).write(text('x'), '/a')
  expect(byPrefix([other, mine]).read(stored, '/a')).toEqual({ value: text('x'), stale: true })
  expect(() => byPrefix([other]).read(stored, '/a')).toThrow('authentication failed')
})

/** A plugin whose key is a letter. */
function fakePlugin(): KmsService & { keyId: string; healthz: string; asked: string[] } {
  const turned = (value: Uint8Array): Uint8Array => value.map((byte) => byte ^ 0x5a)
  const plugin = {
    keyId: 'k1', healthz: 'ok', asked: [] as string[],
    async status() {
      plugin.asked.push('status')
      return { version: 'v2', healthz: plugin.healthz, keyId: plugin.keyId }
    },
    async encrypt(plaintext: Uint8Array): Promise<Encrypted> {
      plugin.asked.push('encrypt')
      return { ciphertext: turned(plaintext), keyId: plugin.keyId, annotations: new Map([['version.kms.example', text('1')]]) }
    },
    async decrypt({ ciphertext, annotations }: Encrypted) {
      plugin.asked.push('decrypt')
      if (!annotations.has('version.kms.example')) throw new Error('who has encrypted this?')
      return turned(ciphertext)
    },
    [Symbol.dispose]() {},
  }
  return plugin
}

test('KMS: one seed for many writes, another when the key changes; after a restart the plugin is asked', async () => {
  const clock = createFakeClock()
  const plugin = fakePlugin()
  let rotations = 0
  const deps = { service: plugin, clock, rotated: () => void rotations++, warn: () => {} }
  await using kms = await openKms('plugin', deps)
  const stored = kms.transformer.write(text('secret'), '/a')
  kms.transformer.write(text('secret'), '/b')
  expect(kms.transformer.read(stored, '/a')).toEqual({ value: text('secret'), stale: false })
  expect(plugin.asked).toEqual(['status', 'encrypt'])

  plugin.keyId = 'k2'
  await clock.advance(60_000)
  expect(rotations).toBe(1)
  expect(kms.transformer.read(stored, '/a')).toEqual({ value: text('secret'), stale: true })

  await using again = await openKms('plugin', deps)
  plugin.asked.length = 0
  const both = [again.transformer.read(stored, '/a'), again.transformer.read(stored, '/a')]
  expect(await Promise.all(both.map(async (one) => one))).toEqual([{ value: text('secret'), stale: true }, { value: text('secret'), stale: true }])
  expect(plugin.asked).toEqual(['decrypt'])
})

test('KMS: a plugin that is ill is told, and after some minutes nothing is written any more', async () => {
  const clock = createFakeClock()
  const plugin = fakePlugin()
  await using kms = await openKms('plugin', { service: plugin, clock, rotated: () => {}, warn: () => {} })
  await kms.check()
  const stored = kms.transformer.write(text('x'), '/a')
  plugin.healthz = 'no'
  await clock.advance(60_000)
  await expect(kms.check()).rejects.toThrow('kmsv2 Provider plugin is not healthy, error: got unexpected healthz status: no')
  kms.transformer.write(text('x'), '/a')
  await clock.advance(180_000)
  expect(() => kms.transformer.write(text('x'), '/a')).toThrow('expired')
  expect(kms.transformer.read(stored, '/a')).toEqual({ value: text('x'), stale: false })
  plugin.healthz = 'ok'
  await clock.advance(10_000)
  await kms.check()
  kms.transformer.write(text('x'), '/a')
})
