import type { HealthCheck } from '#component-base/health'

/**
 * Steps of a start under the names by which the original's checks are asked for one by one and excluded, in its order. Here a start is one
 * step: each passes when it is done. Whoever brings a check of such a name along (`rbac/bootstrap-roles`, the policy) has its place.
 */
const stepsOfStart = [
  ...[
    'start-apiserver-admission-initializer', 'generic-apiserver-start-informers', 'priority-and-fairness-config-consumer', 'priority-and-fairness-filter',
    'storage-object-count-tracker-hook', 'start-apiextensions-informers', 'start-apiextensions-controllers', 'crd-informer-synced', 'start-system-namespaces-controller',
    'peer-endpoint-reconciler-controller', 'start-cluster-authentication-info-controller', 'start-kube-apiserver-identity-lease-controller',
    'start-kube-apiserver-identity-lease-garbage-collector', 'storage-readiness', 'start-legacy-token-tracking-controller', 'start-service-ip-repair-controllers',
    'rbac/bootstrap-roles', 'scheduling/bootstrap-system-priority-classes', 'priority-and-fairness-config-producer', 'bootstrap-controller',
    'start-kubernetes-service-cidr-controller', 'start-kube-aggregator-informers', 'apiservice-status-local-available-controller',
    'apiservice-status-remote-available-controller', 'apiservice-registration-controller', 'apiservice-wait-for-first-sync', 'apiservice-discovery-controller',
    'kube-apiserver-autoregistration',
  ].map((name) => `poststarthook/${name}`),
  'autoregister-completion', 'poststarthook/apiservice-openapi-controller', 'poststarthook/apiservice-openapiv3-controller',
]
const policy = 'poststarthook/rbac/bootstrap-roles'

export interface HealthDeps {
  /** Throws while the store cannot be asked. */
  readonly store: () => Promise<unknown>
  /** Throws while the cache is behind the store. */
  readonly inStep: () => Promise<void>
  readonly hasStarted: () => boolean
  readonly isStopping: () => boolean
  readonly others: readonly HealthCheck[]
}

/** `/healthz` asks what `/livez` does; `/readyz` also whether requests should come at all. */
export function healthChecks({ store, inStep, hasStarted, isStopping, others }: HealthDeps): { livez: HealthCheck[]; readyz: HealthCheck[] } {
  const started = (name: string): HealthCheck => ({
    name,
    check() {
      if (!hasStarted()) throw new Error('not finished yet')
    },
  })
  const passes = (name: string): HealthCheck => ({ name, check: () => {} })
  const etcd: HealthCheck = { name: 'etcd', check: async () => void (await store()) }
  const steps = [
    ...stepsOfStart.flatMap((name) => others.find((other) => other.name === name) ?? (name === policy ? [] : started(name))), ...others.filter(({ name }) => !stepsOfStart.includes(name)),
  ]
  const synced: HealthCheck = {
    name: 'informer-sync',
    async check(signal) {
      await started('informer-sync').check(signal)
      await inStep()
    },
  }
  const shutdown: HealthCheck = {
    name: 'shutdown',
    check() {
      if (isStopping()) throw new Error('process is shutting down')
    },
  }
  return {
    livez: [passes('ping'), passes('log'), passes('loopback-serving-certificate'), etcd, ...steps],
    readyz: [passes('ping'), passes('log'), { ...etcd, name: 'etcd-readiness' }, synced, ...steps, shutdown],
  }
}
