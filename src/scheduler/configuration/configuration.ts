import { parse } from 'yaml'
import { extensionPoints, type PluginSet, type PluginSets } from './chosen-plugins'

export interface ProfileConfiguration {
  schedulerName: string
  percentageOfNodesToScore?: number
  plugins: PluginSets
}

export interface SchedulerConfiguration {
  profiles: readonly ProfileConfiguration[]
  percentageOfNodesToScore?: number
  /** Milliseconds. */
  initialBackoff: number
  maxBackoff: number
}

export const defaultConfiguration: SchedulerConfiguration = { profiles: [{ schedulerName: 'default-scheduler', plugins: {} }], initialBackoff: 1000, maxBackoff: 10_000 }

type Fields = Readonly<Record<string, unknown>>

/** Fields that say how the original's process runs, and change nothing that a pod sees. */
const withoutEffect = new Set(['apiVersion', 'kind', 'parallelism', 'leaderElection', 'clientConnection', 'enableProfiling', 'enableContentionProfiling', 'delayCacheUntilActive'])

/** Reads a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1). Throws with the field and what is wrong, or is not built. */
export function readConfiguration(text: string): SchedulerConfiguration {
  const file = fields(parse(text) as unknown, 'the file')
  if (file['kind'] !== 'KubeSchedulerConfiguration' || file['apiVersion'] !== 'kubescheduler.config.k8s.io/v1') throw new Error('it must have apiVersion kubescheduler.config.k8s.io/v1 and kind KubeSchedulerConfiguration')
  const { profiles = [{}], extenders, percentageOfNodesToScore, podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10, ...rest } = file
  for (const name of Object.keys(rest)) if (!withoutEffect.has(name)) throw new Error(`${name}: no such field`)
  if (Array.isArray(extenders) && extenders.length > 0) throw new Error('extenders: calls to other servers are not built in this version; write a plugin, or run a scheduler of your own beside this one')
  const read = list(profiles, 'profiles').map((profile, i) => readProfile(fields(profile, `profiles[${i}]`), `profiles[${i}]`))
  const names = read.map(({ schedulerName }) => schedulerName)
  for (const [i, name] of names.entries()) if (names.indexOf(name) !== i) throw new Error(`profiles[${i}].schedulerName: ${JSON.stringify(name)} is the name of another profile already`)
  if (read.length === 0) throw new Error('profiles: at least one is needed')
  const initialBackoff = whole(podInitialBackoffSeconds, 'podInitialBackoffSeconds', 1) * 1000
  const maxBackoff = whole(podMaxBackoffSeconds, 'podMaxBackoffSeconds', 1) * 1000
  if (maxBackoff < initialBackoff) throw new Error(`podMaxBackoffSeconds: ${JSON.stringify(podMaxBackoffSeconds)} must be no less than podInitialBackoffSeconds`)
  return { profiles: read, initialBackoff, maxBackoff, ...percentage(percentageOfNodesToScore, 'percentageOfNodesToScore') }
}

function readProfile({ schedulerName = 'default-scheduler', percentageOfNodesToScore, plugins, pluginConfig, ...rest }: Fields, at: string): ProfileConfiguration {
  for (const name of Object.keys(rest)) throw new Error(`${at}.${name}: no such field`)
  if (typeof schedulerName !== 'string' || schedulerName === '') throw new Error(`${at}.schedulerName: must be a name`)
  for (const [i, config] of list(pluginConfig ?? [], `${at}.pluginConfig`).entries()) {
    const { name, args } = fields(config, `${at}.pluginConfig[${i}]`)
    const given = Object.keys(fields(args ?? {}, `${at}.pluginConfig[${i}].args`)).filter((field) => field !== 'apiVersion' && field !== 'kind')
    if (given.length > 0) throw new Error(`${at}.pluginConfig[${i}].args.${given[0]}: arguments of plugins are not built in this version; ${JSON.stringify(name)} runs with its defaults`)
  }
  return { schedulerName, plugins: readSets(fields(plugins ?? {}, `${at}.plugins`), `${at}.plugins`), ...percentage(percentageOfNodesToScore, `${at}.percentageOfNodesToScore`) }
}

function readSets(sets: Fields, at: string): PluginSets {
  const known: readonly string[] = [...extensionPoints, 'multiPoint']
  return Object.fromEntries(
    Object.entries(sets).map(([point, set]) => {
      if (!known.includes(point)) throw new Error(`${at}.${point}: no such extension point; there are ${known.join(', ')}`)
      const { enabled = [], disabled = [], ...rest } = fields(set, `${at}.${point}`)
      for (const name of Object.keys(rest)) throw new Error(`${at}.${point}.${name}: no such field`)
      const named = (entries: unknown, field: string): { name: string; weight?: number }[] =>
        list(entries, `${at}.${point}.${field}`).map((entry, i) => {
          const { name, weight } = fields(entry, `${at}.${point}.${field}[${i}]`)
          if (typeof name !== 'string' || name === '') throw new Error(`${at}.${point}.${field}[${i}].name: must be the name of a plugin`)
          return { name, ...(weight === undefined ? {} : { weight: whole(weight, `${at}.${point}.${field}[${i}].weight`, 0) }) }
        })
      return [point, { enabled: named(enabled, 'enabled'), disabled: named(disabled, 'disabled') } satisfies PluginSet]
    }),
  )
}

function fields(value: unknown, at: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${at}: must be an object`)
  return value as Fields
}
function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${at}: must be a list`)
  return value
}
function whole(value: unknown, at: string, least: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least) throw new Error(`${at}: ${JSON.stringify(value)} must be a whole number, ${least} or more`)
  return value
}
function percentage(value: unknown, at: string): { percentageOfNodesToScore?: number } {
  if (value === undefined) return {}
  if (whole(value, at, 0) > 100) throw new Error(`${at}: ${JSON.stringify(value)} must be within 0-100`)
  return { percentageOfNodesToScore: value as number }
}
