import { randomUUID } from 'node:crypto'
import { hostname as nameOfHost } from 'node:os'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { FeatureGates } from '#component-base/feature-gates'
import type { Log } from '#component-base/log'
import type { Kinds } from '../kinds'
import { apiServerId } from './api-server-id'
import { collectIdentityLeases, keepIdentityLease } from './identity-lease'
import { ownStorageVersions, tellStorageVersions } from './storage-versions'

export interface IdentityDeps {
  /** Acts as the server itself. */
  readonly client: Client
  readonly kinds: Kinds
  readonly gates: FeatureGates
  readonly clock: Clock
  readonly log: Log
  /** Where other API servers reach this one. */
  readonly address: { readonly address: string; readonly port: number }
  readonly hostname?: string
}

/** Lets others know that this server is there, as the gates say; nobody waits for it. Disposing takes the lease back. */
export function startIdentity({ client, kinds, gates: { enabled }, clock, log, address, hostname = nameOfHost() }: IdentityDeps): AsyncDisposable {
  const stop = new AbortController()
  const deps = { client, clock, log, signal: stop.signal }
  const name = apiServerId(hostname)
  const running: Promise<void>[] = []
  if (enabled('APIServerIdentity')) {
    const peerAddress = `${address.address.includes(':') ? `[${address.address}]` : address.address}:${address.port}`
    let told = false
    const thereIsOne = (): void => {
      // Once the lease is there: entries of servers without one are taken away.
      if (told || !enabled('StorageVersionAPI')) return
      told = true
      running.push(tellStorageVersions(ownStorageVersions(kinds, name), deps).catch((error: unknown) => {
        if (!stop.signal.aborted) log.error('could not write down the storage versions of this API server', { error })
      }))
    }
    running.push(keepIdentityLease({ name, holder: `${name}_${randomUUID()}`, hostname, ...(enabled('UnknownVersionInteroperabilityProxy') ? { peerAddress } : {}) }, deps, thereIsOne), collectIdentityLeases(deps))
  }
  return {
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('this API server is going'))
      await Promise.all(running)
    },
  }
}
