import { emptyVersions, unbuiltResources } from './unbuilt-resources'

export type RuntimeConfig = Readonly<Record<string, string>>

/** Whether a version of a built-in resource is served. Groups are `''` for the core group. */
export type IsServed = (group: string, version: string, resource: string) => boolean

/** `api/all` and its like, in the order in which they are applied. */
const classes: readonly [name: string, pattern: RegExp][] = [['api/all', /^/], ['api/ga', /^v\d+$/], ['api/beta', /^v\d+beta\d+$/], ['api/alpha', /^v\d+alpha\d+$/]]
const isClass = (key: string): boolean => classes.some(([name]) => name === key)

const truths: Readonly<Record<string, boolean>> = {
  '': true, '1': true, t: true, T: true, true: true, TRUE: true, True: true, '0': false, f: false, F: false, false: false, FALSE: false, False: false,
}

/** What is wrong with a configuration, in the original's words where it has some; undefined: nothing. `built` are the group versions that we have. */
export function runtimeConfigProblem(config: RuntimeConfig, built: readonly string[]): string | undefined {
  const keys = Object.keys(config)
  if (config['api/all'] === 'false' && keys.length === 1) return 'invalid runtime-config with only api/all=false'
  const known = new Set([...built, ...emptyVersions])
  const groups = new Set([...known].map(groupOf))
  const named = keys.filter((key) => !isClass(key))
  const bad = named.find((key) => !/^[^/]*\/[^/]+(\/[^/]+)?$/.test(key))
  if (bad !== undefined) return `runtime-config invalid key ${bad}`
  const strangers = named.map(groupVersionOf).filter((groupVersion) => !groups.has(groupOf(groupVersion)))
  if (strangers.length > 0) return `unknown api groups ${[...new Set(strangers)].sort().join(',')}`
  for (const [key, value] of Object.entries(config)) {
    if (isClass(key)) {
      if (value !== 'true' && value !== 'false') return `invalid value ${key}=${value}`
      continue
    }
    const groupVersion = groupVersionOf(key)
    if (!known.has(groupVersion)) return `group version ${groupVersion} that has not been registered`
    if (truths[value] === undefined) return `invalid value of ${key}: ${value}, err: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`
    const resource = key.split('/')[2]
    if (resource !== undefined && resource !== resource.toLowerCase()) return `invalid key ${key}: group/version/resource and resource is always lowercase plural, not ${JSON.stringify(resource)}`
    if (truths[value] && unbuiltResources[key] !== undefined) return `${key} is not built in this version of navarch`
  }
  return undefined
}

/** Alpha and beta versions are off unless they are asked for. */
const isStable = (version: string): boolean => /^v\d+$/.test(version)

/** For a configuration without problems: a resource by its own name wins over its version, and that over classes of versions. */
export function servedBy(config: RuntimeConfig): IsServed {
  return (group, version, resource) => {
    const own = config[`${group}/${version}/${resource}`] ?? config[`${group}/${version}`]
    if (own !== undefined) return truths[own]!
    let served = isStable(version)
    for (const [name, pattern] of classes) if (config[name] !== undefined && pattern.test(version)) served = config[name] === 'true'
    return served
  }
}

/** What a version or a class of versions asks for, with the gate that it takes, and does not get: whoever starts the server is told. */
export function unbuiltAndAsked(config: RuntimeConfig, enabled: (gate: string) => boolean): readonly string[] {
  const served = servedBy(config)
  return Object.keys(unbuiltResources).filter((key) => {
    const [group = '', version = '', resource = ''] = key.split('/')
    return enabled(unbuiltResources[key]!) && served(group, version, resource)
  })
}

const groupVersionOf = (key: string): string => key.split('/', 2).join('/')
const groupOf = (groupVersion: string): string => groupVersion.slice(0, groupVersion.indexOf('/'))
