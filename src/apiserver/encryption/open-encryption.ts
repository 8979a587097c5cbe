import { createHash } from 'node:crypto'
import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { HealthCheck } from '#component-base/health'
import type { Log } from '#component-base/log'
import type { Metrics } from '#component-base/metrics'
import { OptionsError, type OptionsOf } from '#component-base/options/whole'
import { encryptedStore } from '#storage/encrypted/encrypted-store'
import type { Store } from '#storage/store'
import { readEncryptionConfiguration } from './configuration'
import type { encryptionOptions } from './options'
import { openProviders, type Providers } from './providers'

const graceMs = 10_000

export interface Encryption extends AsyncDisposable {
  /** Over the one that was given, which stays whose it was. */
  readonly store: Store
  readonly checks: readonly HealthCheck[]
}

export interface EncryptionDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly metrics?: Metrics | undefined
}

/** Encryption at rest as the options ask for it; undefined where they do not. Throws for files that make no sense. */
export async function openEncryption(options: OptionsOf<typeof encryptionOptions>, { store, clock, log, metrics }: EncryptionDeps): Promise<Encryption | undefined> {
  const { encryptionProviderConfig: file, encryptionProviderConfigAutomaticReload: reload } = options
  if (file === '') {
    if (reload) throw new OptionsError('kube-apiserver', ['--encryption-provider-config-automatic-reload must be set with --encryption-provider-config'])
    return undefined
  }
  const rotated = (): void => void encrypted.use((key) => providers.transformerOf(key)).catch((error: unknown) => log.warn('what rests under the last key is not known to be stale', { error: messageOf(error) }))
  const load = async (): Promise<Providers> => openProviders(await readEncryptionConfiguration(file, reload), { clock, log, rotated })

  let hash = await hashOf(file)
  let providers = await load()
  const encrypted = encryptedStore(store, (key) => providers.transformerOf(key))
  const reloads = metrics?.counter('apiserver_encryption_config_controller_automatic_reloads_total', 'Total number of reload successes and failures of encryption configuration split by apiserver identity.', ['status'])

  async function loadAgain(): Promise<void> {
    let next: Providers | undefined
    try {
      const found = await hashOf(file)
      if (found === hash) return
      hash = found
      next = await load()
      // Nothing is written with what is not known to work.
      for (const kms of next.kms) await kms.check()
      const old = providers
      providers = next
      next = undefined
      await encrypted.use((key) => providers.transformerOf(key))
      retire(old)
      reloads?.use((counter) => counter.inc({ status: 'success' }))
      log.info('the encryption configuration was loaded again', { file })
    } catch (error) {
      await next?.[Symbol.asyncDispose]()
      reloads?.use((counter) => counter.inc({ status: 'failure' }))
      log.error('the encryption configuration has changed and could not be loaded: the last one goes on', { file, error: messageOf(error) })
    }
  }

  /** What is being read may still ask plugins of the last configuration. */
  const retired = new Map<Providers, Disposable>()
  function retire(old: Providers): void {
    retired.set(old, clock.after(graceMs, () => {
      retired.delete(old)
      void old[Symbol.asyncDispose]()
    }))
  }

  let loading: Promise<void> = Promise.resolve()
  // The directory, since files are replaced rather than written, and mounted ones change by a link beside them.
  const watcher = reload ? watch(dirname(file), { persistent: false }, () => void (loading = loading.then(loadAgain))) : undefined
  watcher?.on('error', (error) => log.error('the encryption configuration is no longer watched', { file, error: messageOf(error) }))

  const check: HealthCheck = {
    name: 'kms-providers',
    async check() {
      for (const kms of providers.kms) await kms.check()
    },
  }
  return {
    store: encrypted,
    checks: reload || providers.kms.length > 0 ? [check] : [],
    async [Symbol.asyncDispose]() {
      watcher?.close()
      await loading
      for (const [old, timer] of retired) {
        timer[Symbol.dispose]()
        await old[Symbol.asyncDispose]()
      }
      await providers[Symbol.asyncDispose]()
    },
  }
}

const hashOf = async (file: string): Promise<string> => {
  const text = await readFile(file).catch((error: unknown) => {
    throw new Error(`error reading encryption provider configuration file ${JSON.stringify(file)}: ${messageOf(error)}`, { cause: error })
  })
  return createHash('sha256').update(text).digest('hex')
}
