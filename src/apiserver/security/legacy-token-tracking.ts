import { configmaps } from '#api/core/v1/config-map'
import { isAlreadyExists, isConflict, isNotFound } from '#apimachinery/api-error'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'

const name = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' }

/** Writes down since when uses of tokens in secrets are noted: who was not seen before may have been used all the same. */
export async function trackLegacyTokens(client: Client, clock: Pick<Clock, 'now'>): Promise<void> {
  const data = { since: new Date(clock.now()).toISOString().slice(0, 10) }
  try {
    await client.create(configmaps, { metadata: name, data })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const { data: known } = await client.get(configmaps, name)
    if (/^\d{4}-\d\d-\d\d$/.test(known?.['since'] ?? '')) return
    await client.patch(configmaps, name, { data }, { type: 'merge' }).catch((failure: unknown) => {
      if (!isConflict(failure) && !isNotFound(failure)) throw failure
    })
  }
}
