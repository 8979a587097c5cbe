import { isNotFound } from '#apimachinery/api-error'
import { jobs } from '#api/batch/v1/job'
import type { Job } from '#api/batch/v1/types'
import { defineController, on } from '#controller-runtime/controller'

/** Deletes Jobs, with their pods, `ttlSecondsAfterFinished` after they ended. */
export const ttlAfterFinished = defineController({
  name: 'ttl-after-finished-controller',
  watches: [on(jobs, undefined, { when: (job) => job?.spec.ttlSecondsAfterFinished !== undefined })],
  writes: [jobs],

  async reconcile(key, { cached, client, clock }) {
    const job = cached(jobs).get(key)
    if (!job) return
    const left = expiryOf(job) - clock.now()
    if (left === Infinity) return
    if (left > 0) return { requeueAfter: left }
    try {
      // Somebody may just have given it more time.
      const fresh = await client.get(jobs, job.metadata)
      const stillLeft = expiryOf(fresh) - clock.now()
      if (stillLeft > 0) return
      await client.delete(jobs, fresh.metadata, { propagationPolicy: 'Foreground', preconditions: { uid: fresh.metadata.uid } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  },
})

/** In milliseconds since 1970; `Infinity` for one that goes on, is to be kept, or is going already. */
function expiryOf({ metadata, spec, status }: Job): number {
  if (metadata.deletionTimestamp || spec.ttlSecondsAfterFinished === undefined) return Infinity
  const finish = status?.conditions?.find(({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True')
  if (!finish) return Infinity
  if (!finish.lastTransitionTime) throw new Error(`unable to find the time when the Job ${metadata.namespace}/${metadata.name} finished`)
  return Date.parse(finish.lastTransitionTime) + spec.ttlSecondsAfterFinished * 1000
}
