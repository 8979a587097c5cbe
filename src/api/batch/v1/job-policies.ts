// How the original prints policies: its internal structures, whose fields have other names and are all there.
import type { PodFailurePolicy, SuccessPolicy } from './types'

export const internalSuccessPolicy = (policy: SuccessPolicy | undefined): object | null => policy ? {
  Rules: policy.rules?.map(({ succeededIndexes, succeededCount }) => ({ SucceededIndexes: succeededIndexes ?? null, SucceededCount: succeededCount ?? null })) ?? null,
} : null

export const internalFailurePolicy = (policy: PodFailurePolicy | undefined): object | null => policy ? {
  Rules: policy.rules?.map(({ action, onExitCodes: codes, onPodConditions }) => ({
    Action: action,
    OnExitCodes: codes ? { ContainerName: codes.containerName ?? null, Operator: codes.operator, Values: codes.values ?? null } : null,
    OnPodConditions: onPodConditions?.map(({ type, status }) => ({ Type: type, Status: status })) ?? null,
  })) ?? null,
} : null
