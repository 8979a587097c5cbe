import type { Clock } from '#base/clock'
import { createDisposables } from '#base/disposal'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'
import { aesCbc, aesGcm, secretbox } from '#storage/encrypted/ciphers'
import type { TransformerOf } from '#storage/encrypted/encrypted-store'
import { type Kms, openKms } from '#storage/encrypted/kms'
import { kmsPlugin } from '#storage/encrypted/kms-service'
import { byPrefix, identity, type Provider, type Transformer } from '#storage/encrypted/transformer'
import { type EncryptionConfiguration, type Keys, parseGroupResource, type ProviderConfiguration, timeoutOf } from './configuration'

/** What a configuration comes to. */
export interface Providers extends AsyncDisposable {
  readonly transformerOf: TransformerOf
  readonly kms: readonly Kms[]
}

export interface ProvidersDeps {
  readonly clock: Clock
  readonly log: Log
  /** A KMS plugin has changed its key. */
  readonly rotated: () => void
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Throws for what masks something else, and for what is not supported. */
export async function openProviders({ resources }: EncryptionConfiguration, deps: ProvidersDeps): Promise<Providers> {
  const disposables = createDisposables()
  const kms: Kms[] = []
  const byResource = new Map<string, Provider[]>()
  try {
    for (const { resources: names, providers } of resources) {
      const made: Provider[] = []
      for (const one of providers) made.push(await open(one, deps, (opened) => kms.push(disposables.use(opened))))
      for (const name of names) {
        const { group, resource } = parseGroupResource(name)
        for (const wider of [`*.${group}`, '*.*']) {
          if (byResource.has(wider)) throw new Error(`error while building transformers: resource ${JSON.stringify(name)} is masked by earlier rule ${JSON.stringify(wider)}`)
        }
        const key = `${resource}.${group}`
        byResource.set(key, [...(byResource.get(key) ?? []), ...made])
      }
    }
  } catch (error) {
    await disposables[Symbol.asyncDispose]()
    throw error
  }
  const transformers = new Map([...byResource].map(([name, providers]) => [name, byPrefix(providers)]))
  const of = (group: string, resource: string): Transformer => transformers.get(`${resource}.${group}`) ?? transformers.get(`*.${group}`) ?? transformers.get('*.*') ?? identity
  return { transformerOf: byKey(of), kms, [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose]() }
}

const root = '/registry/'

/** Keys are `/registry/<group>/<resource>/...`; what resource they are of is found once for each. */
function byKey(of: (group: string, resource: string) => Transformer): TransformerOf {
  const known = new Map<string, Transformer>()
  return (key) => {
    const place = key.slice(0, key.indexOf('/', key.indexOf('/', root.length) + 1))
    let transformer = known.get(place)
    if (!transformer) {
      const [group = '', resource = ''] = place.slice(root.length).split('/')
      known.set(place, (transformer = place.startsWith(root) ? of(group === 'core' ? '' : group, resource) : identity))
    }
    return transformer
  }
}

async function open({ aesgcm, aescbc, secretbox: boxes, kms }: ProviderConfiguration, { clock, log, rotated }: ProvidersDeps, opened: (kms: Kms) => void): Promise<Provider> {
  if (aesgcm) return withKeys('aesgcm', aesgcm, aesGcm)
  if (aescbc) return withKeys('aescbc', aescbc, aesCbc)
  if (boxes) return withKeys('secretbox', boxes, secretbox)
  if (!kms) return { prefix: new Uint8Array(), transformer: identity }
  if (kms.apiVersion !== 'v2') throw new Error(`KMSv1 is deprecated and not supported: use KMSv2 (apiVersion: v2) for the provider ${kms.name}`)
  const made = await openKms(kms.name, {
    service: kmsPlugin(kms.endpoint, timeoutOf(kms.timeout)!), clock, rotated,
    warn: (message, error) => log.warn(message, { plugin: kms.name, error: messageOf(error) }),
  })
  opened(made)
  return { prefix: bytes(`k8s:enc:kms:v2:${kms.name}:`), transformer: made.transformer }
}

const withKeys = (sort: string, { keys }: Keys, cipher: (secret: Uint8Array) => Transformer): Provider => ({
  prefix: bytes(`k8s:enc:${sort}:v1:`),
  transformer: byPrefix(keys.map(({ name, secret }) => ({ prefix: bytes(`${name}:`), transformer: cipher(Buffer.from(secret, 'base64')) }))),
})
