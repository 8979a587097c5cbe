import type { ContainerOutcome, FakeRules } from '#kubelet/fake/rules'

/** What a Job puts on its pods. */
const jobLabel = 'batch.kubernetes.io/job-name'
const work: ContainerOutcome = { runMs: 1000 }

/**
 * What containers without processes do where no rule says otherwise: those of Jobs come to a good end after a second, so
 * that Jobs complete; all others run until they are stopped.
 */
export function simulatedLives(rules: FakeRules = {}): FakeRules {
  return { ...rules, outcome: (config, sandbox) => rules.outcome?.(config, sandbox) ?? (jobLabel in sandbox.labels ? work : undefined) }
}
