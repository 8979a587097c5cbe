import { definitionRest } from '../crd/cleanup'
import type { HealthCheck } from '#component-base/health'
import type { Authorizer } from '../authorization/authorizer'
import { signingRequestRest } from './certificates/signing-requests'
import { bind } from './core/binding'
import { componentStatusRest } from './core/component-statuses'
import { dialOr, log, portForward, stream, type Dial } from './core/kubelet-proxy'
import { mustMayCreate } from './core/create-permission'
import { nodeProxy, podProxy, serviceProxy } from './core/proxy'
import { namespaceRest } from './core/namespaces'
import { serviceRest, type ServiceOptions } from './core/services'
import { evict } from './policy/eviction'
import type { Registry } from '../registry/registry'
import { resourceClaimRests } from './resource/claims'
import { deviceClassRest } from './resource/selectors'
import type { Rest } from './rest'

export interface BuiltinRestOptions {
  readonly services: ServiceOptions
  readonly dial?: Dial
  /** Absent: whoever got this far may do everything. */
  readonly authorizer?: Authorizer
  readonly components?: readonly HealthCheck[]
}

/** What the built-in kinds need of the cluster. Authentication and authorization bring their own. */
export function builtinRests(registry: () => Registry, options: BuiltinRestOptions): Rest<any>[] {
  const dial = dialOr(options.dial)
  const podKind = () => registry().kinds.find('', 'v1', 'pods')!
  return [
    {
      group: '', resource: 'pods',
      subresources: {
        binding: async ({ decode, write }) => bind(registry(), podKind(), write, await decode()),
        eviction: evict,
        exec: mustMayCreate(options.authorizer, stream(dial, 'exec')),
        attach: mustMayCreate(options.authorizer, stream(dial, 'attach')),
        portforward: mustMayCreate(options.authorizer, portForward(dial)),
        log: log(dial),
        proxy: podProxy(dial),
      },
    },
    { group: '', resource: 'bindings', create: (binding, _exchange, _kind, write) => bind(registry(), podKind(), write, binding) },
    { group: '', resource: 'nodes', subresources: { proxy: nodeProxy(dial) } },
    namespaceRest(registry),
    definitionRest(registry),
    componentStatusRest(registry, options.components ?? []),
    signingRequestRest,
    ...resourceClaimRests(registry, options.authorizer),
    deviceClassRest as Rest<any>,
    serviceRest(registry, options.services, serviceProxy(dial)),
  ]
}
