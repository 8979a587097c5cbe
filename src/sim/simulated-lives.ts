import type { Pod } from '#api/core/v1/types'
import type { ContainerOutcome, FakeRules } from '#kubelet/fake/rules'
import type { ContainerConfig, PodSandbox } from '#kubelet/runtime-service'
import { simulatedCommand } from './simulated-command'

/** What a Job puts on its pods. */
const jobLabel = 'batch.kubernetes.io/job-name'
const work: ContainerOutcome = { runMs: 1000 }

/** It does nothing until it is stopped, in Jobs too. */
const pause = /(^|\/)pause(:|@|$)/

/** An image that says so itself is in no registry: the way to a failing pull without a rule. */
const missing = /non-?existent|does-not-exist|:404$/

/** The pod of a sandbox, where it is known. */
export type PodLookup = (sandbox: { namespace: string; name: string }) => Pod | undefined

/**
 * What containers without processes do where no rule says otherwise. `sleep 30`, `false` and the like do what they say; else init
 * containers are done at once, those of Jobs come to a good end after a second, so that Jobs complete, and all others run until
 * they are stopped.
 */
export function simulatedLives(rules: FakeRules = {}, podOf: PodLookup = () => undefined): FakeRules {
  return {
    ...rules,
    outcome: (config, sandbox) => rules.outcome?.(config, sandbox) ?? byItself(config, sandbox, podOf),
    failPull: (image) => rules.failPull?.(image) ?? (missing.test(image) ? `failed to resolve reference ${JSON.stringify(image)}: ${image}: not found` : undefined),
  }
}

function byItself({ metadata: { name }, image, command = [], args = [] }: ContainerConfig, { labels, metadata }: PodSandbox, podOf: PodLookup): ContainerOutcome | undefined {
  const said = command.length > 0 ? simulatedCommand([...command, ...args]) : undefined
  if (said) return said
  // Others wait for it to be done.
  if (podOf(metadata)?.spec.initContainers?.some((container) => container.name === name && container.restartPolicy !== 'Always')) return { runMs: 0 }
  if (pause.test(image.userSpecifiedImage ?? image.image)) return undefined
  return jobLabel in labels ? work : undefined
}
