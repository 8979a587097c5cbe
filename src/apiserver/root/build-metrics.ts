import { knownGates, type FeatureGates } from '#component-base/feature-gates'
import { gaugeFamily } from '#component-base/series'
import { versionInfo } from './version'

const stages = { alpha: 'ALPHA', beta: 'BETA', ga: '', deprecated: 'DEPRECATED' } as const

/** Which program this is, and which features are on. */
export function buildText(gates: FeatureGates): string {
  const { gitVersion, gitCommit, gitTreeState, buildDate, goVersion, compiler, platform, major, minor, emulationMajor, emulationMinor, minCompatibilityMajor, minCompatibilityMinor } = versionInfo()
  const build = gaugeFamily('kubernetes_build_info', "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    ['build_date', 'compiler', 'git_commit', 'git_tree_state', 'git_version', 'go_version', 'major', 'minor', 'platform'])
  build.of(buildDate!, compiler!, gitCommit!, gitTreeState!, gitVersion!, goVersion!, major!, minor!, platform!).value = 1
  const version = gaugeFamily('version_info', 'Provides the compatibility version info of the component. The component label is the name of the component, usually kube, but is relevant for aggregated-apiservers.', ['binary', 'component', 'emulation', 'min_compat'])
  version.of(`${major}.${minor}`, 'kube', `${emulationMajor}.${emulationMinor}`, `${minCompatibilityMajor}.${minCompatibilityMinor}`).value = 1
  const features = gaugeFamily('kubernetes_feature_enabled', 'This metric records the data about the stage and enablement of a k8s feature.', ['name', 'stage'])
  for (const [name, { stage }] of knownGates) features.of(name, stages[stage]).value = gates.enabled(name) ? 1 : 0
  return build.text() + version.text() + features.text()
}
