import type { Pod } from '#api/core/v1/types'

/** A pod's /etc/hosts. `hostFile`: the machine's own, for pods on its network. */
export function etcHosts(pod: Pod, podIps: readonly string[], hostname: string, domain: string, hostFile: string): string {
  const aliases = pod.spec.hostAliases ?? []
  const added = aliases.length === 0 ? '' : `\n# Entries added by HostAliases.\n${aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`).join('')}`
  if (pod.spec.hostNetwork) return `# Kubernetes-managed hosts file (host network).\n${hostFile}${added}`
  const own = podIps.map((ip) => (domain ? `${ip}\t${hostname}.${domain}\t${hostname}\n` : `${ip}\t${hostname}\n`)).join('')
  return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${own}${added}`
}
