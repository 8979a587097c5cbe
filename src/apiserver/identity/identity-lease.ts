import { leases } from '#api/coordination/v1/lease'
import type { Lease } from '#api/coordination/v1/types'
import { isConflict, isNotFound } from '#apimachinery/api-error'
import type { Input } from '#apimachinery/object'
import { formatMicroTime } from '#apimachinery/time'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Log } from '#component-base/log'

export interface IdentityLeaseOptions {
  readonly name: string
  readonly holder: string
  readonly hostname: string
  /** `host:port` by which other API servers reach this one. */
  readonly peerAddress?: string
}
export interface IdentityLeaseDeps { readonly client: Client; readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal }

const namespace = 'kube-system'
const component = 'apiserver.kubernetes.io/identity'
const labelSelector = `${component}=kube-apiserver`
const durationSeconds = 3600
const renewMs = 10_000
const collectMs = 3_600_000


/** Renews the lease until the signal is aborted, then takes it away. What an earlier run left there goes first. `told` is called when it is there. */
export async function keepIdentityLease(options: IdentityLeaseOptions, deps: IdentityLeaseDeps, told: () => void): Promise<void> {
  const { client, clock, log, signal } = deps
  const { name } = options
  let latest: Lease | undefined
  try {
    await remove(client, name)
    while (!signal.aborted) {
      try {
        latest = await renew(options, latest, deps)
        told()
      } catch (error) {
        // Somebody else wrote it, or took it away: the next turn begins from what is there.
        latest = undefined
        if (!isConflict(error) && !isNotFound(error)) log.warn('could not renew the identity lease of this API server', { error })
      }
      await clock.sleep(renewMs, signal)
    }
  } catch (error) {
    if (!signal.aborted) log.warn('the identity lease of this API server is not kept any more', { error })
  }
  await remove(client, name).catch((error: unknown) => log.warn('could not take back the identity lease of this API server', { error }))
}

async function renew(options: IdentityLeaseOptions, latest: Lease | undefined, { client, clock }: IdentityLeaseDeps): Promise<Lease> {
  const { name, holder, hostname, peerAddress } = options
  const standing = latest ?? (await client.get(leases, { namespace, name }).catch(undefinedIfNotFound))
  const lease = {
    metadata: {
      namespace, name,
      labels: { ...standing?.metadata.labels, [component]: 'kube-apiserver', 'kubernetes.io/hostname': hostname },
      annotations: { ...standing?.metadata.annotations, ...(peerAddress ? { 'kubernetes.io/peer-advertise-address': peerAddress } : {}) },
      ...(standing ? { resourceVersion: standing.metadata.resourceVersion } : {}),
    },
    spec: { ...standing?.spec, holderIdentity: holder, leaseDurationSeconds: durationSeconds, renewTime: formatMicroTime(clock.now()) },
  } as Input<Lease>
  const how = { fieldManager: 'kube-apiserver' }
  return standing ? client.update(leases, lease, how) : client.create(leases, lease, how)
}

/** Takes away leases of API servers that died, now and every hour. */
export async function collectIdentityLeases({ client, clock, log, signal }: IdentityLeaseDeps): Promise<void> {
  const hasExpired = ({ spec }: Lease): boolean => !spec.renewTime || spec.leaseDurationSeconds === undefined || Date.parse(spec.renewTime) + spec.leaseDurationSeconds * 1000 < clock.now()
  while (!signal.aborted) {
    try {
      const { items } = await client.list(leases, { namespace, labelSelector, signal })
      for (const { metadata: { name, uid, resourceVersion } } of items.filter(hasExpired)) await remove(client, name, { uid, resourceVersion: resourceVersion! })
      await clock.sleep(collectMs, signal)
    } catch (error) {
      if (signal.aborted) return
      log.warn('could not look for identity leases that have expired', { error })
      await clock.sleep(collectMs, signal).catch(() => undefined)
    }
  }
}

/** With the uid and revision that were seen: one that lives again stays. */
async function remove(client: Client, name: string, preconditions?: { uid: string; resourceVersion: string }): Promise<void> {
  try {
    await client.delete(leases, { namespace, name }, preconditions ? { preconditions } : {})
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error
}
