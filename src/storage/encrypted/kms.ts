import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import { aesGcm, derivedGcm } from './ciphers'
import { type Annotations, decodeEnvelope, encodeEnvelope, type Envelope, type KmsStatus, sourceTypes } from './kms-messages'
import type { KmsService } from './kms-service'
import type { Plain, Transformer } from './transformer'

/** How often the plugin is asked while it is well, and while it is not; how long its last seed may write after that. */
const interval = { well: 60_000, ill: 10_000 }
const longestWrite = 180_000
/** What a check found is good for so long. */
const checkedFor = { well: 20_000, ill: 3000 }
const maxKeyId = 1024
const maxSource = 1024
const maxAnnotations = 32 * 1024
const keptSeeds = 10_000

export interface Kms extends AsyncDisposable {
  readonly transformer: Transformer
  /** Throws while the plugin is not well. */
  check(): Promise<void>
}

export interface KmsDeps {
  readonly service: KmsService
  readonly clock: Clock
  /** The plugin's key is another one than before: what was written with the last one is stale. */
  readonly rotated: () => void
  readonly warn: (message: string, error: unknown) => void
}

/** What is written with: a seed that the plugin has encrypted. */
type Seed = { readonly keyId: string; readonly source: Uint8Array; readonly annotations: Annotations; readonly cipher: Transformer; until: number }

/**
 * Envelope encryption with a KMS v2 plugin: values under a seed of this process, the seed under the plugin's key, both together in the
 * store. The plugin is asked for each seed once, and whether it is well; only while it is, or shortly after, may be written.
 * Resolves when the plugin was asked for the first time: it may be ill, and become well later.
 */
export async function openKms(name: string, { service, clock, rotated, warn }: KmsDeps): Promise<Kms> {
  let seed: Seed | undefined
  let version = ''
  let last: { at: number; error: Error | undefined } | undefined
  let asking: Promise<void> | undefined
  let timer: Disposable | undefined
  let closed = false
  const known = new Map<string, Promise<Transformer> | Transformer>()

  async function ask(): Promise<void> {
    const begun = clock.monotonic()
    const status = await service.status().catch((error: unknown) => {
      throw new Error(`failed to perform status section of the healthz check for KMS Provider ${name}, error: ${messageOf(error)}`, { cause: error })
    })
    const problems = problemsOf(status)
    if (problems.length === 0) {
      try {
        await rotate(status.keyId, begun + longestWrite)
      } catch (error) {
        problems.push(messageOf(error))
      }
    }
    if (problems.length > 0) throw new Error(`kmsv2 Provider ${name} is not healthy, error: ${problems.join(', ')}`)
  }

  function problemsOf({ healthz, version: given, keyId }: KmsStatus): string[] {
    const problems: string[] = []
    if (healthz !== 'ok') problems.push(`got unexpected healthz status: ${healthz}`)
    if (given !== 'v2' && given !== 'v2beta1') problems.push(`expected KMSv2 API version v2, got ${given}`)
    else if (version !== '' && version !== given) problems.push(`KMSv2 API version should not change after the initial status response version ${version}, got ${given}`)
    else version = given
    const wrong = wrongKeyId(keyId)
    if (wrong) problems.push(`got invalid KMSv2 KeyID: ${wrong}`)
    return problems
  }

  async function rotate(keyId: string, until: number): Promise<void> {
    if (seed?.keyId === keyId) {
      seed.until = until
      return
    }
    const secret = randomBytes(32)
    const { ciphertext, keyId: usedKey, annotations } = await service.encrypt(secret, randomUUID())
    validate({ data: Uint8Array.of(0), keyId: usedKey, source: ciphertext, annotations, sourceType: sourceTypes.seed })
    if (usedKey !== keyId) throw new Error('failed to rotate: the plugin has encrypted with another key than its status names')
    const first = seed === undefined
    seed = { keyId, source: ciphertext, annotations, cipher: derivedGcm(secret), until }
    remember(cacheKey({ ...seed, data: new Uint8Array(), sourceType: sourceTypes.seed }), seed.cipher)
    if (!first) rotated()
  }

  function remember(key: string, cipher: Promise<Transformer> | Transformer): void {
    if (known.size >= keptSeeds) known.delete(known.keys().next().value!)
    known.set(key, cipher)
  }

  /** Asks now, unless somebody does, or has just done. */
  function check(): Promise<void> {
    if (last && clock.monotonic() - last.at < (last.error ? checkedFor.ill : checkedFor.well)) return last.error ? Promise.reject(last.error) : Promise.resolve()
    return (asking ??= ask()
      .then(() => void (last = { at: clock.monotonic(), error: undefined }))
      .catch((error: unknown) => {
        last = { at: clock.monotonic(), error: error as Error }
        throw error
      })
      .finally(() => (asking = undefined)))
  }

  async function keepAsking(): Promise<void> {
    const well = await check().then(
      () => true,
      (error: unknown) => {
        warn('a KMS plugin is not well', error)
        return false
      },
    )
    if (!closed) timer = clock.after(well ? interval.well : interval.ill, () => void keepAsking())
  }
  await keepAsking()

  function cipherOf(envelope: Envelope): Promise<Transformer> | Transformer {
    const key = cacheKey(envelope)
    const found = known.get(key)
    if (found) return found
    const { source: ciphertext, keyId, annotations, sourceType } = envelope
    const cipher = service.decrypt({ ciphertext, keyId, annotations }, randomUUID()).then(
      (secret) => {
        const made = sourceType === sourceTypes.seed ? derivedGcm(secret) : aesGcm(secret)
        known.set(key, made)
        return made
      },
      (error: unknown) => {
        known.delete(key)
        throw new Error(`failed to decrypt DEK, error: ${messageOf(error)}`, { cause: error })
      },
    )
    remember(key, cipher)
    return cipher
  }

  return {
    check,
    transformer: {
      write(value, key) {
        if (!seed) throw new Error(`KMS provider ${name} has given no key yet`)
        if (clock.monotonic() > seed.until) throw new Error(`encryptedDEKSource of KMS provider ${name} expired: the plugin has not been well for some minutes`)
        const { keyId, source, annotations, cipher } = seed
        return encodeEnvelope({ data: cipher.write(value, key), keyId, source, annotations, sourceType: sourceTypes.seed })
      },
      read(stored, key) {
        const envelope = decodeEnvelope(stored)
        validate(envelope)
        const stale = seed !== undefined && (envelope.keyId !== seed.keyId || envelope.sourceType !== sourceTypes.seed)
        const opened = (cipher: Transformer): Plain => ({ value: (cipher.read(envelope.data, key) as Plain).value, stale })
        const cipher = cipherOf(envelope)
        return cipher instanceof Promise ? cipher.then(opened) : opened(cipher)
      },
    },
    async [Symbol.asyncDispose]() {
      closed = true
      timer?.[Symbol.dispose]()
      await asking?.catch(() => {})
      service[Symbol.dispose]()
    },
  }
}

const wrongKeyId = (keyId: string): string | undefined =>
  keyId === '' ? 'keyID is empty' : Buffer.byteLength(keyId) > maxKeyId ? `keyID is ${Buffer.byteLength(keyId)} bytes, which exceeds the max size of ${maxKeyId}` : undefined

function validate({ data, keyId, source, annotations, sourceType }: Envelope): void {
  if (sourceType !== sourceTypes.key && sourceType !== sourceTypes.seed) throw new Error(`unknown encryptedDEKSourceType: ${sourceType}`)
  if (data.length === 0) throw new Error('encrypted data is empty')
  if (source.length === 0) throw new Error('failed to validate encrypted DEK source: encrypted DEK source is empty')
  if (source.length > maxSource) throw new Error(`failed to validate encrypted DEK source: encrypted DEK source is ${source.length} bytes, which exceeds the max size of ${maxSource}`)
  const wrong = wrongKeyId(keyId)
  if (wrong) throw new Error(`failed to validate key id: ${wrong}`)
  let size = 0
  for (const [name, value] of annotations) {
    if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+\.?$/.test(name)) throw new Error(`failed to validate annotations: ${JSON.stringify(name)} should be a domain with at least two segments separated by dots`)
    size += Buffer.byteLength(name) + value.length
  }
  if (size > maxAnnotations) throw new Error(`failed to validate annotations: total size of annotations is ${size}, which exceeds the max size of ${maxAnnotations}`)
}

const cacheKey = ({ sourceType, source, keyId, annotations }: Envelope): string =>
  JSON.stringify([sourceType, Buffer.from(source).toString('base64'), keyId, [...annotations].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, Buffer.from(value).toString('base64')])])
