/** What `/version` says: which Kubernetes this is. The build belongs to Navarch. */
export function versionInfo(): Readonly<Record<string, string>> {
  return {
    major: '1', minor: '36', emulationMajor: '1', emulationMinor: '36', minCompatibilityMajor: '1', minCompatibilityMinor: '35',
    gitVersion: 'v1.36.0', gitCommit: '', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node ${process.versions.node}`, compiler: 'navarch', platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
}
