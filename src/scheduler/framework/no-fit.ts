import type { Rejection } from './plugin'

/** Why no node of all takes a pod, in kube-scheduler's words: reasons with the number of nodes, in order of their text. */
export function noFitMessage(all: number, rejections: Iterable<Rejection | undefined>): string {
  const counts = new Map<string, number>()
  for (const rejection of rejections) if (rejection) for (const reason of rejection.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const reasons = [...counts].map(([reason, n]) => `${n} ${reason}`).sort()
  return `0/${all} nodes are available:${reasons.length > 0 ? ` ${reasons.join(', ')}.` : ''}`
}
