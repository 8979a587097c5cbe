import { isConflict, isNotFound } from '#apimachinery/api-error'
import { secrets } from '#api/core/v1/secret'
import { bootstrapTokenNamespace, bootstrapTokenTimeLeft, bootstrapTokenType } from '#component-helpers/bootstrap-token'
import { defineController, on } from '#controller-runtime/controller'

/** Deletes bootstrap tokens once they have expired, and those whose time cannot be read. */
export const tokenCleaner = defineController({
  name: 'token-cleaner-controller',
  serviceAccount: 'token-cleaner',
  watches: [on(secrets, ({ metadata, type }) => (type === bootstrapTokenType && metadata.namespace === bootstrapTokenNamespace ? [`${metadata.namespace}/${metadata.name}`] : []))],
  writes: [secrets],

  async reconcile(key, { cached, client, clock, log }) {
    const secret = cached(secrets).get(key)
    if (!secret || secret.type !== bootstrapTokenType) return
    const left = bootstrapTokenTimeLeft(secret, clock.now())
    if (left > 0) return left === Infinity ? undefined : { requeueAfter: left }
    const { namespace, name, uid } = secret.metadata
    log.info('deletes a bootstrap token that has expired', { secret: key })
    await client.delete(secrets, { namespace, name }, { preconditions: { uid } }).catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error
    })
  },
})
