import type { PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement } from '#api/batch/v1/types'
import type { ContainerStatus, Pod } from '#api/core/v1/types'

export interface FailureVerdict {
  action: 'Ignore' | 'FailIndex' | 'FailJob' | 'Count'
  /** Why the whole job fails. */
  message?: string
}

/** What the first rule that a failed pod meets asks for; without one it counts. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [i, { action, onExitCodes, onPodConditions }] of (policy?.rules ?? []).entries()) {
    let why: string | undefined
    if (onExitCodes) {
      const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
      const container = [...containerStatuses, ...initContainerStatuses].find((status) => exitedSo(status, onExitCodes))
      if (container) why = `Container ${container.name} for pod ${pod.metadata.namespace}/${pod.metadata.name} failed with exit code ${container.state.terminated!.exitCode}`
    } else if (onPodConditions) {
      const condition = pod.status?.conditions?.find((c) => onPodConditions.some((pattern) => pattern.type === c.type && (pattern.status ?? 'True') === c.status))
      if (condition) why = `Pod ${pod.metadata.namespace}/${pod.metadata.name} has condition ${condition.type}`
    }
    if (!why) continue
    return action === 'FailJob' ? { action, message: `${why} matching FailJob rule at index ${i}` } : { action: action as FailureVerdict['action'] }
  }
  return { action: 'Count' }
}

function exitedSo({ name, state }: ContainerStatus, { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement): boolean {
  const exitCode = state?.terminated?.exitCode
  if (exitCode === undefined || exitCode === 0 || (containerName !== undefined && containerName !== name)) return false
  return values.includes(exitCode) === (operator === 'In')
}
