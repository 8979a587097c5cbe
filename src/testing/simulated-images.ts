import type { ContainerOutcome, FakeRules } from '#kubelet/fake/rules'
import type { ContainerConfig, PodSandbox } from '#kubelet/runtime-service'

/**
 * Images that simulated nodes pull: every one exists until a test says otherwise, but those that are called `does-not-exist`,
 * `non-existent` or `nonexistent`, or have the tag `404`. What a node has pulled already, it has.
 */
export interface SimulatedImages {
  /** Pulls fail until `restore`; `why` is the runtime's error text, by default that of an image which does not exist. */
  fail(image: string, why?: string): void
  restore(image: string): void
}

/** Which containers a rule speaks of; what is left out fits all. */
export interface ContainerMatch {
  image?: string
  /** The container's name. */
  name?: string
  namespace?: string
  /** The pod's name, or a pattern for it. */
  pod?: string | RegExp
}

export interface SimulatedContainers {
  /**
   * How containers behave that are started from now on; the newest rule that fits wins. Disposing takes the rule back.
   * Without a rule `sleep 30`, `true`, `false` and `sh -c 'sleep 1; exit 3'` do what they say, other containers of Jobs end well after
   * a second, init containers at once, and all others run until they are stopped.
   */
  behave(match: ContainerMatch, outcome: ContainerOutcome): Disposable
}

/** What tests say about images and containers, as rules of the fake runtime. */
export function createSimulation(): { images: SimulatedImages; containers: SimulatedContainers; rules: FakeRules } {
  const failing = new Map<string, string>()
  const behaviours: { match: ContainerMatch; outcome: ContainerOutcome }[] = []
  return {
    images: {
      fail(image, why) {
        const full = canonical(image)
        const reference = /^[^/]*[.:][^/]*\//.test(full) ? full : full.includes('/') ? `docker.io/${full}` : `docker.io/library/${full}`
        failing.set(full, why ?? `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": ${reference}: not found`)
      },
      restore: (image) => void failing.delete(canonical(image)),
    },
    containers: {
      behave(match, outcome) {
        const rule = { match, outcome }
        behaviours.unshift(rule)
        return {
          [Symbol.dispose]() {
            const at = behaviours.indexOf(rule)
            if (at >= 0) behaviours.splice(at, 1)
          },
        }
      },
    },
    rules: {
      failPull: (image) => failing.get(canonical(image)),
      outcome: (config, sandbox) => behaviours.find(({ match }) => fits(match, config, sandbox))?.outcome,
    },
  }
}

function fits({ image, name, namespace, pod }: ContainerMatch, { metadata, image: { image: id, userSpecifiedImage = id } }: ContainerConfig, sandbox: PodSandbox): boolean {
  if (image !== undefined && canonical(image) !== canonical(userSpecifiedImage)) return false
  if (name !== undefined && name !== metadata.name) return false
  if (namespace !== undefined && namespace !== sandbox.metadata.namespace) return false
  return pod === undefined || (typeof pod === 'string' ? pod === sandbox.metadata.name : pod.test(sandbox.metadata.name))
}

/** `nginx` is `nginx:latest`. */
function canonical(image: string): string {
  return image.includes('@') || image.slice(image.lastIndexOf('/') + 1).includes(':') ? image : `${image}:latest`
}
