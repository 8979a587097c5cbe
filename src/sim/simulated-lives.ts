import type { ContainerOutcome, FakeRules } from '#kubelet/fake/rules'
import type { ContainerConfig, PodSandbox } from '#kubelet/runtime-service'
import { simulatedCommand } from './simulated-command'

/** What a Job puts on its pods. */
const jobLabel = 'batch.kubernetes.io/job-name'
const work: ContainerOutcome = { runMs: 1000 }

/** It does nothing until it is stopped, in Jobs too. */
const pause = /(^|\/)pause(:|@|$)/

/** An image that says so itself is in no registry: the way to a failing pull without a rule. */
const missing = /non-?existent|does-not-exist/

/**
 * What containers without processes do where no rule says otherwise. `sleep 30`, `false` and the like do what they say; else those
 * of Jobs come to a good end after a second, so that Jobs complete, and all others run until they are stopped.
 */
export function simulatedLives(rules: FakeRules = {}): FakeRules {
  return {
    ...rules,
    outcome: (config, sandbox) => rules.outcome?.(config, sandbox) ?? byItself(config, sandbox),
    failPull: (image) => rules.failPull?.(image) ?? (missing.test(image) ? `failed to resolve reference ${JSON.stringify(image)}: ${image}: not found` : undefined),
  }
}

function byItself({ image, command = [], args = [] }: ContainerConfig, { labels }: PodSandbox): ContainerOutcome | undefined {
  const said = command.length > 0 ? simulatedCommand([...command, ...args]) : undefined
  if (said || pause.test(image.userSpecifiedImage ?? image.image)) return said
  return jobLabel in labels ? work : undefined
}
