import { isNotFound } from '#apimachinery/api-error'
import { ipaddresses } from '#api/networking/v1/ip-address'
import { servicecidrs } from '#api/networking/v1/service-cidr'
import type { ServiceCIDR } from '#api/networking/v1/types'
import { formatTime } from '#apimachinery/time'
import type { Client } from '#client/client'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import type { Cached } from '#controller-runtime/controller'
import { allocator, containing, labels, overlapping, rangesOf, withAddress } from './ranges'

const name = 'service-cidr-controller'
const finalizer = 'networking.k8s.io/service-cidr-finalizer'
/** Until all API servers know that a range is on its way out and take no address of it any more. */
const graceMs = 10_000

/** Says which ranges of Service addresses are ready, and keeps one that is deleted for as long as Services have addresses of it alone. */
export const serviceCidr = defineController({
  name,
  serviceAccount: 'service-cidrs-controller',
  watches: [
    on(servicecidrs, (object, cached) => [object.metadata.name, ...rangesOf(object).flatMap((range) => overlapping(cached, range)).map(({ metadata }) => metadata.name)]),
    on(ipaddresses, ({ metadata }, cached) => (metadata.labels?.[labels.managedBy] === allocator ? withAddress(cached, metadata.name).map((range) => range.metadata.name) : []), {
      when: (address, old) => !address || !old,
    }),
  ],
  writes: [servicecidrs, statusOf(servicecidrs)],

  async reconcile(key, { cached, client, clock, tell }) {
    const object = cached(servicecidrs).get(key)
    if (!object) return
    const { deletionTimestamp, finalizers } = object.metadata
    const now = clock.now()
    if (deletionTimestamp) {
      if (!canGo(object, cached)) {
        await say(client, object, 'False', 'Terminating', 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR', now)
        return
      }
      const left = Date.parse(deletionTimestamp) + graceMs - now
      if (left > 0) return { requeueAfter: left }
      if (finalizers?.includes(finalizer)) await setFinalizer(client, key, '$deleteFromPrimitiveList/finalizers')
      return
    }
    if (!finalizers?.includes(finalizer)) await setFinalizer(client, key, 'finalizers')
    try {
      await say(client, object, 'True', '', 'Kubernetes Service CIDR is ready', now)
    } catch (error) {
      tell(servicecidrs, object, 'Warning', 'KubernetesServiceCIDRError', 'The ServiceCIDR Status can not be set to Ready=True')
      throw error
    }
  },
})

/** Whether every address of it is of another range as well. */
function canGo(object: ServiceCIDR, cached: Cached): boolean {
  const isOther = ({ metadata }: ServiceCIDR): boolean => metadata.name !== object.metadata.name
  if (rangesOf(object).every((range) => containing(cached, range).some(isOther))) return true
  return cached(ipaddresses).list().every(({ metadata }) => {
    if (metadata.labels?.[labels.managedBy] !== allocator) return true
    const ranges = withAddress(cached, metadata.name)
    return ranges.length !== 1 || isOther(ranges[0]!)
  })
}

async function setFinalizer(client: Client, key: string, field: string): Promise<void> {
  try {
    await client.patch(servicecidrs, { name: key }, { metadata: { [field]: [finalizer] } }, { type: 'strategic' })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

async function say(client: Client, object: ServiceCIDR, status: 'True' | 'False', reason: string, message: string, now: number): Promise<void> {
  const before = object.status?.conditions?.find(({ type }) => type === 'Ready')
  if (before && before.status === status && before.reason === reason && before.message === message) return
  const conditions = [{ type: 'Ready', status, reason, message, lastTransitionTime: formatTime(now) }]
  await client.apply(servicecidrs, { metadata: { name: object.metadata.name }, status: { conditions } }, { fieldManager: name, force: true, subresource: 'status' })
}
