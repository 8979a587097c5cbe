/** This package's version; a test holds it to package.json. */
export const navarchVersion = '0.1.0'

/** The version of the Kubernetes API that is spoken, as `/version` answers it. */
export const kubernetesVersion = {
  major: '1',
  minor: '36',
  gitVersion: `v1.36.0+navarch${navarchVersion}`,
} as const
