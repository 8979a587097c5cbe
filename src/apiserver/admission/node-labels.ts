const wellKnown = new Set([
  'kubernetes.io/hostname', 'topology.kubernetes.io/zone', 'topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region', 'beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type', 'kubernetes.io/os', 'kubernetes.io/arch',
  'beta.kubernetes.io/os', 'beta.kubernetes.io/arch',
])
const isWithin = (prefix: string, domain: string): boolean => prefix === domain || prefix.endsWith(`.${domain}`)

/** Labels that a kubelet changed and may not, sorted: those of the system that are not its own, since they steer pods. */
export function forbiddenLabels(after: Readonly<Record<string, string>> = {}, before: Readonly<Record<string, string>> = {}): string[] {
  const changed = [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((label) => after[label] !== before[label])
  return changed.filter(isForbidden).sort()
}

function isForbidden(label: string): boolean {
  const slash = label.indexOf('/')
  const prefix = slash < 0 ? '' : label.slice(0, slash)
  if (isWithin(prefix, 'node-restriction.kubernetes.io')) return true
  if (!isWithin(prefix, 'kubernetes.io') && !isWithin(prefix, 'k8s.io')) return false
  return !wellKnown.has(label) && !isWithin(prefix, 'kubelet.kubernetes.io') && !isWithin(prefix, 'node.kubernetes.io')
}
