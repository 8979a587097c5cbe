import { isAlreadyExists, isConflict, isNotFound } from '#apimachinery/api-error'
import { leases } from '#api/coordination/v1/lease'
import type { Lease, LeaseSpec } from '#api/coordination/v1/types'
import { formatMicroTime } from '#apimachinery/time'
import { orAborted } from '#base/abort'
import type { Clock } from '#base/clock'
import { createDeferred } from '#base/deferred'
import type { Client } from '#client/client'
import type { Informers } from '#client/informer'
import type { Log } from '#component-base/log'

/** Times in milliseconds; the defaults are those of every Kubernetes component. */
export interface LeaderElectionOptions {
  namespace?: string
  name: string
  /** Who this is: unique over all candidates. */
  identity: string
  /** A lease that was not renewed for so long is free. */
  leaseDuration?: number
  /** A leader that could not renew for so long steps down. */
  renewDeadline?: number
  retryPeriod?: number
  /** Called each time that the Lease is found in other hands. */
  standingBy?: () => void
}
export interface LeaderElectionDeps { client: Client; informers: Informers; clock: Clock; log: Log; signal: AbortSignal }

/**
 * Waits until it holds a Lease, then runs `lead` and renews meanwhile. The signal that `lead` is given is aborted when the
 * lease is lost or the candidate stops; then this returns, once `lead` has, with the lease released. A candidate that waits
 * watches the Lease and its clock, and asks nothing.
 */
export async function runAsLeader(options: LeaderElectionOptions, deps: LeaderElectionDeps, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { namespace = 'kube-system', name, identity, leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2000 } = options
  const { client, informers, clock, log, signal } = deps
  const informer = informers.get(leases, { namespace, fieldSelector: `metadata.name=${name}` })
  const where = { namespace, name }
  const seconds = Math.floor(leaseDuration / 1000)
  const micro = (): string => formatMicroTime(clock.now())
  let held: Lease | undefined

  try {
    await orAborted(informer.synced, signal)
    while (!signal.aborted && !held) {
      await untilFree()
      held = await acquire()
      // Another one was faster, or the server was not there.
      if (!held) await clock.sleep(retryPeriod, signal)
    }
  } catch (error) {
    if (signal.aborted) return
    throw error
  }
  if (!held) return
  log.info('became leader', { lease: `${namespace}/${name}`, identity })

  const lost = new AbortController()
  const leading = lead(AbortSignal.any([signal, lost.signal])).finally(() => lost.abort(new Error('done leading')))
  await renew(lost)
  await leading.catch((error: unknown) => {
    if (!signal.aborted && !lost.signal.aborted) throw error
  }).finally(release)

  /** Until nobody holds the lease, or its holder has not renewed it for its duration by our clock (theirs may be wrong). */
  async function untilFree(): Promise<void> {
    let changed = createDeferred()
    using _handler = informer.on(() => {
      changed.resolve()
      changed = createDeferred()
    })
    for (;;) {
      const spec = informer.get(`${namespace}/${name}`)?.spec
      if (!spec?.holderIdentity || spec.holderIdentity === identity) return
      options.standingBy?.()
      const over = new AbortController()
      const unchanged = clock.sleep((spec.leaseDurationSeconds ?? seconds) * 1000, AbortSignal.any([signal, over.signal])).then(() => 'expired' as const)
      unchanged.catch(() => {})
      const outcome = await orAborted(Promise.race([unchanged, changed.promise]), signal).finally(() => over.abort(new Error('changed')))
      if (outcome === 'expired') return
    }
  }

  async function acquire(): Promise<Lease | undefined> {
    try {
      const now = micro()
      const mine: LeaseSpec = { holderIdentity: identity, leaseDurationSeconds: seconds, acquireTime: now, renewTime: now, leaseTransitions: 0 }
      const old = await client.get(leases, where).catch((error: unknown) => {
        if (isNotFound(error)) return undefined
        throw error
      })
      if (!old) return await client.create(leases, { metadata: where, spec: mine }, { signal })
      const seen = informer.get(`${namespace}/${name}`)
      if (old.spec?.holderIdentity && old.spec.holderIdentity !== identity && seen && old.metadata.resourceVersion !== seen.metadata.resourceVersion) return undefined
      const same = old.spec?.holderIdentity === identity
      const spec = { ...old.spec, ...mine, leaseTransitions: (old.spec?.leaseTransitions ?? 0) + (same ? 0 : 1) }
      return await client.update(leases, { metadata: { ...where, resourceVersion: old.metadata.resourceVersion }, spec }, { signal })
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error)) log.warn('could not acquire the lease', { lease: `${namespace}/${name}`, error })
      return undefined
    }
  }

  async function renew(lost: AbortController): Promise<void> {
    const stop = AbortSignal.any([signal, lost.signal])
    let renewed = clock.monotonic()
    while (!stop.aborted) {
      await clock.sleep(retryPeriod, stop).catch(() => {})
      if (stop.aborted) return
      try {
        const spec = { ...held!.spec, renewTime: micro() }
        held = await client.update(leases, { metadata: { ...where, resourceVersion: held!.metadata.resourceVersion }, spec }, { signal: stop })
        renewed = clock.monotonic()
      } catch (error) {
        if (stop.aborted) return
        const fresh = isConflict(error) ? await client.get(leases, where).catch(() => undefined) : undefined
        if (fresh?.spec?.holderIdentity === identity) held = fresh
        if ((fresh && fresh.spec?.holderIdentity !== identity) || clock.monotonic() - renewed >= renewDeadline) {
          log.error('lost the lease', { lease: `${namespace}/${name}`, identity, error })
          held = undefined
          return lost.abort(new Error(`leader election lost: ${namespace}/${name}`))
        }
        log.warn('could not renew the lease', { lease: `${namespace}/${name}`, error })
      }
    }
  }

  async function release(): Promise<void> {
    if (!held) return
    const now = micro()
    const spec = { ...held.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now }
    try {
      await client.update(leases, { metadata: { ...where, resourceVersion: held.metadata.resourceVersion }, spec })
    } catch (error) {
      // It runs out by itself.
      log.warn('could not release the lease', { lease: `${namespace}/${name}`, error })
    }
  }
}
