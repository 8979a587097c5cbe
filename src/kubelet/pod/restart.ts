import type { Container, Pod, PodSpec } from '#api/core/v1/types'
import type { RuntimePod } from './runtime-pod'
import { latest } from './runtime-pod'

/** Whether a container that ended with this code starts again: its own rules, its own policy, the pod's policy, in that order. */
export function restartsAfter(container: Container, spec: PodSpec, exitCode: number): boolean {
  for (const rule of container.restartPolicyRules ?? []) {
    const codes = rule.exitCodes
    if (!codes) continue
    const listed = codes.values?.includes(exitCode) ?? false
    if (codes.operator === 'In' ? listed : codes.operator === 'NotIn' && !listed) return rule.action === 'Restart' || rule.action === 'RestartAllContainers'
  }
  switch (container.restartPolicy ?? spec.restartPolicy) {
    case 'Never':
      return false
    case 'OnFailure':
      return exitCode !== 0
    default:
      return true
  }
}

/** Whether a container that does not run is to be started (for the first time, too). */
export function shouldBeStarted(container: Container, pod: Pod, runtimePod: RuntimePod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  const record = latest(runtimePod, container.name)
  if (!record) return true
  if (record.state === 'running') return false
  if (record.state !== 'exited') return true
  return restartsAfter(container, pod.spec, record.exitCode)
}

export function restartsOnFailure(pod: Pod): boolean {
  return pod.spec.restartPolicy !== 'Never'
}
