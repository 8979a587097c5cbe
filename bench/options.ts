import { parseArgs } from 'node:util'
import { features } from './features'
import { findRuntimes, type Runtime } from './runtimes'
import { phases } from './phases'

export interface BenchOptions {
  /** Small sizes, to see that it all works: no figure means anything then. */
  quick: boolean
  runtimes: readonly Runtime[]
  /** Whether a phase of the load, a feature, `idle` or `deployment` was asked for. */
  readonly wants: (key: string) => boolean
}

export const featureKeys: readonly string[] = [...new Set(features.map(({ key }) => key))]
const others = ['idle', 'deployment']

export const usage = `npm run bench -- [--quick] [--runtimes node,bun] [--only LIST]

Measures Navarch on this machine, the floor of each runtime beside it (canned answers over TLS and HTTP/2) and, where both
are on PATH, kube-apiserver with etcd.
  --quick     small sizes, no verdicts: only to see that it works
  --runtimes  node, bun, or both (default)
  --only      of ${phases.map(({ key }) => key).join(', ')} (load is all of these),
              ${featureKeys.join(', ')} (features), ${others.join(', ')}`

/** Throws with a message for people when it is given something else. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: { quick: { type: 'boolean', default: false }, runtimes: { type: 'string' }, only: { type: 'string' } },
  })
  const load = phases.map(({ key }) => key)
  const only = values.only?.split(',').flatMap((key) => (key === 'load' ? load : key === 'features' ? featureKeys : [key]))
  const unknown = only?.find((key) => ![...load, ...featureKeys, ...others].includes(key))
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there is no such phase`)
  const found = findRuntimes()
  const wanted = values.runtimes?.split(',') ?? found.map(({ key }) => key)
  const missing = wanted.find((key) => !found.some((runtime) => runtime.key === key))
  if (missing !== undefined) throw new Error(`--runtimes ${missing}: here are ${found.map(({ key }) => key).join(' and ')}`)
  return { quick: values.quick, runtimes: found.filter(({ key }) => wanted.includes(key)), wants: (key) => !only || only.includes(key) }
}
