import { isConflict, isNotFound } from '#apimachinery/api-error'
import { keyOf } from '#apimachinery/object'
import { configmaps } from '#api/core/v1/config-map'
import { pods } from '#api/core/v1/pod'
import { secrets } from '#api/core/v1/secret'
import { serviceaccounts } from '#api/core/v1/service-account'
import type { Pod, Secret } from '#api/core/v1/types'
import { secretNamesOf } from '#component-helpers/pod-secrets'
import { defineController, on, reading } from '#controller-runtime/controller'
import type { Cached, Controller } from '#controller-runtime/controller'

const tokenType = 'kubernetes.io/service-account-token'
const tracking = 'kube-system/kube-apiserver-legacy-service-account-token-tracking'
const lastUsedLabel = 'kubernetes.io/legacy-token-last-used'
const invalidSinceLabel = 'kubernetes.io/legacy-token-invalid-since'
const byMount = 'mounted-secret'
const day = 24 * 3600_000

export interface LegacyTokenCleanerOptions {
  /** Milliseconds: how long an unused token is left alone, and once more after it was marked as invalid. */
  cleanUpPeriod?: number
}

/**
 * Takes away tokens in secrets that the cluster itself once made for service accounts: first they are marked as invalid, which the API
 * server heeds, and after another such time they are deleted. Tokens that a person made, that a pod mounts or that somebody used
 * lately stay.
 */
export function legacyServiceAccountTokenCleaner({ cleanUpPeriod = 365 * day }: LegacyTokenCleanerOptions = {}): Controller {
  return defineController({
    name: 'legacy-serviceaccount-token-cleaner-controller',
    serviceAccount: 'legacy-service-account-token-cleaner',
    watches: [
      on(secrets, (secret) => (secret.type === tokenType ? [keyOf(secret)] : [])),
      reading(serviceaccounts),
      reading(pods, { indexes: { [byMount]: (pod: Pod) => [...secretNamesOf(pod)].map((name) => `${pod.metadata.namespace}/${name}`) } }),
      on(configmaps, (map, cached) => (keyOf(map) === tracking ? cached(secrets).list().filter(({ type }) => type === tokenType).map(keyOf) : [])),
    ],
    writes: [secrets],

    async reconcile(key, { cached, client, clock, log }) {
      const secret = cached(secrets).get(key)
      if (!secret || secret.type !== tokenType || secret.metadata.deletionTimestamp) return
      const now = clock.now()
      const since = cached(configmaps).get(tracking)?.data?.['since']
      // Nobody knows who was used before it was written down, nor on the day itself.
      const tracked = since && dateOf(since) !== undefined ? dateOf(since)! + day : undefined
      if (tracked === undefined) return
      const { metadata } = secret
      const lastUsed = metadata.labels?.[lastUsedLabel]
      if (lastUsed !== undefined && dateOf(lastUsed) === undefined) return
      const quiet = Math.max(tracked, Date.parse(metadata.creationTimestamp), lastUsed === undefined ? 0 : dateOf(lastUsed)! + day) + cleanUpPeriod
      if (now < quiet) return { requeueAfter: quiet - now }
      // Looked at again in a day: pods that mount it, and what its account says, may change without a word to us.
      if (!wasMadeByTheCluster(secret, cached) || cached(pods).by(byMount, key).length > 0) return { requeueAfter: day }

      const name = { namespace: metadata.namespace, name: metadata.name }
      const invalidSince = dateOf(metadata.labels?.[invalidSinceLabel] ?? '')
      if (invalidSince === undefined) {
        log.info('marks a token of a service account as invalid', { secret: key })
        const labels = { [invalidSinceLabel]: new Date(now).toISOString().slice(0, 10) }
        await client.patch(secrets, name, { metadata: { uid: metadata.uid, labels } }, { type: 'merge' })
        return
      }
      const due = invalidSince + day + cleanUpPeriod
      if (now < due) return { requeueAfter: due - now }
      log.info('deletes a token of a service account that nobody used', { secret: key })
      await client.delete(secrets, name, { preconditions: { resourceVersion: metadata.resourceVersion } }).catch((error: unknown) => {
        if (!isConflict(error) && !isNotFound(error)) throw error
      })
    },
  })
}

/** Only what the account itself lists was made by the cluster. */
function wasMadeByTheCluster({ metadata }: Secret, cached: Cached): boolean {
  const annotations = metadata.annotations ?? {}
  const account = cached(serviceaccounts).get(`${metadata.namespace}/${annotations['kubernetes.io/service-account.name']}`)
  const uid = annotations['kubernetes.io/service-account.uid']
  return account !== undefined && (!uid || uid === account.metadata.uid) && (account.secrets ?? []).some(({ name }) => name === metadata.name)
}

/** `2026-01-31` in milliseconds; undefined for what is no date. */
function dateOf(text: string): number | undefined {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(time) ? undefined : time
}
