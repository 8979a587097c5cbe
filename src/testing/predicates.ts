import type { Deployment } from '#api/apps/v1/types'
import type { Pod } from '#api/core/v1/types'
import { type AnyCondition, isConditionTrue } from '#component-helpers/conditions'

export { isNodeReady } from '#component-helpers/node-status'
export { isPodReady } from '#component-helpers/pod-status'

/** Rolled out: the controller has seen the newest spec, and as many new pods are available as it asks for, and no old ones left. */
export function isAvailable({ metadata, spec, status }: Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {}
  return observedGeneration >= (metadata.generation ?? 0) && replicas === spec.replicas && updatedReplicas === spec.replicas && availableReplicas === spec.replicas
}

/** Why a container of the pod does not run yet or any more: `ErrImagePull`, `CrashLoopBackOff`, ... Init containers come first. */
export function waitingReason({ status }: Pod): string | undefined {
  for (const container of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) if (container.state?.waiting?.reason) return container.state.waiting.reason
  return undefined
}

/** `hasCondition('Complete')`: a predicate over objects with conditions (Jobs, Nodes, Pods, Deployments, ...). */
export const hasCondition =
  (type: string) =>
  ({ status }: { status?: { conditions?: readonly AnyCondition[] } }): boolean =>
    isConditionTrue(status?.conditions, type)
