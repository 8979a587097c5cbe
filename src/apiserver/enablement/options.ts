import { builtin } from '#api/builtin'
import { featureGates } from '#component-base/feature-gates'
import { option, type OptionType, types } from '#component-base/options/option'
import { OptionsError, type OptionsOf } from '#component-base/options/whole'
import { runtimeConfigProblem } from './runtime-config'

/** The one version that this server is. */
const own = '1.36'

/** Group versions that are built: `/v1` is that of the core group, as `--runtime-config` names it. */
export const builtVersions = (): string[] => [...new Set(builtin.flatMap(({ versions }) => Object.keys(versions)))].map((name) => (name.includes('/') ? name : `/${name}`)).sort()

/** A key without a value is one that is on: `--runtime-config=batch/v1`. */
const switches: OptionType<Readonly<Record<string, string>>> = {
  ...types.map,
  read: (value) => types.map.read(typeof value === 'string' ? value.split(',').map((pair) => (pair === '' || pair.includes('=') ? pair : `${pair}=`)).join(',') : value),
}

function gatesProblem(given: Readonly<Record<string, string>>): string | undefined {
  try {
    featureGates('navarch', given)
    return undefined
  } catch (error) {
    if (error instanceof OptionsError) return error.problems.join('; ')
    throw error
  }
}

/** `1.36`, or `kube=1.36`. */
const onlyOwn = (versions: readonly string[]): string | undefined => {
  const other = versions.find((version) => version.replace(/^kube=/, '') !== own)
  return other === undefined ? undefined : `${other} cannot be given: this server is Kubernetes ${own} and emulates no other version`
}
const notBuilt = (on: boolean): string | undefined => (on ? `cannot be given: this server emulates no other version than ${own}` : undefined)

export const enablementOptions = {
  runtimeConfig: option(
    switches, 'runtime-config', {}, 'Switch versions of the built-in API, or single resources of them, on or off: apps/v1=false, batch/v1/jobs=false, api/all=false.', (config) => runtimeConfigProblem(config, builtVersions()),
  ),
  featureGates: option(types.map, 'feature-gates', {}, 'Turn feature gates of v1.36 on or off: Name=true,Other=false.', gatesProblem),
  emulatedVersion: option(types.strings, 'emulated-version', [] as readonly string[], `The version to behave as: ${own} is the only one.`, onlyOwn),
  minCompatibilityVersion: option(types.strings, 'min-compatibility-version', [] as readonly string[], `The oldest version to work with: ${own} is the only one.`, onlyOwn),
  emulationForwardCompatible: option(types.bool, 'emulation-forward-compatible', false, 'Not to be turned on: no other version is emulated.', notBuilt),
  runtimeConfigEmulationForwardCompatible: option(types.bool, 'runtime-config-emulation-forward-compatible', false, 'Not to be turned on: no other version is emulated.', notBuilt),
}
export type EnablementOptions = OptionsOf<typeof enablementOptions>
