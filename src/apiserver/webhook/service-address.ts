import { notFound, ApiError } from '#apimachinery/api-error'
import { keyOf } from '#apimachinery/object'
import { services } from '#api/core/v1/service'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import type { EndpointSlice } from '#api/discovery/v1/types'
import type { Informers } from '#client/informer'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface ServiceRef {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

const byService = 'service'

/**
 * Where a service's port is answered now: a ready endpoint, or the external name. Endpoints rather than the cluster IP, since
 * the API server's machine need not have a service proxy. A promise only until services are in memory. Throws `ApiError`.
 */
export function serviceAddress(informers: Informers, { namespace, name, port }: ServiceRef): Address | Promise<Address> {
  const [known, slices] = [informers.get(services), informers.get(endpointslices)]
  slices.index(byService, ({ metadata }) => {
    const service = metadata.labels?.['kubernetes.io/service-name']
    return service === undefined ? [] : [`${metadata.namespace}/${service}`]
  })
  const resolve = (): Address => {
    const service = known.get(keyOf({ metadata: { namespace, name } }))
    if (!service) throw notFound({ group: '', resource: 'service' }, name)
    if (service.spec.type === 'ExternalName') return { host: service.spec.externalName ?? '', port }
    const wanted = service.spec.ports?.find((one) => one.port === port)
    if (!wanted) throw new ApiError(503, 'ServiceUnavailable', `no service port ${port} found for service ${JSON.stringify(name)}`)
    const found = readyEndpoint(slices.by(byService, `${namespace}/${name}`), wanted.name ?? '', service.spec.ipFamilies?.[0])
    if (!found) throw new ApiError(503, 'ServiceUnavailable', `no endpoints available for service ${JSON.stringify(name)}`)
    return found
  }
  return known.hasSynced && slices.hasSynced ? resolve() : Promise.all([known.synced, slices.synced]).then(resolve)
}

/** Any ready one; of the service's first address family where there is one. */
function readyEndpoint(slices: readonly EndpointSlice[], portName: string, family: string | undefined): Address | undefined {
  const [preferred, others]: [Address[], Address[]] = [[], []]
  for (const { addressType, endpoints, ports } of slices) {
    const port = ports?.find((one) => (one.name ?? '') === portName)?.port
    if (port === undefined) continue
    for (const { addresses, conditions } of endpoints ?? []) {
      if (conditions?.ready !== false && addresses[0]) (family === undefined || addressType === family ? preferred : others).push({ host: addresses[0], port })
    }
  }
  const candidates = preferred.length > 0 ? preferred : others
  return candidates[Math.floor(Math.random() * candidates.length)]
}
