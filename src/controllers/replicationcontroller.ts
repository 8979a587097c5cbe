import { replicationcontrollers } from '#api/core/v1/replication-controller'
import { keepReplicas } from './replicas'

/** Keeps as many pods as a ReplicationController asks for: a ReplicaSet whose selector is a plain map. */
export const replicationcontroller = keepReplicas({
  name: 'replicationcontroller-controller',
  serviceAccount: 'replication-controller',
  resource: replicationcontrollers,
  picks({ spec: { selector } }, pod) {
    const pairs = Object.entries(selector ?? {})
    return pairs.length > 0 && pairs.every(([key, value]) => pod.metadata.labels?.[key] === value)
  },
  countsTerminating: false,
})
