import type { Pod } from '#api/core/v1/types'
import type { DnsConfig } from './runtime-service'

export interface DnsSettings {
  /** Addresses of the cluster's DNS; none: pods get the host's. */
  clusterDns: readonly string[]
  clusterDomain: string
  /** The host's own resolv.conf. */
  resolvConf: string
}

/** What becomes the pod's /etc/resolv.conf. */
export function podDns(pod: Pod, { clusterDns, clusterDomain, resolvConf }: DnsSettings): DnsConfig {
  const host = parseResolvConf(resolvConf)
  const { dnsPolicy, dnsConfig: more, hostNetwork } = pod.spec
  const cluster = clusterDns.length > 0 && (dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork))
  const base: Required<DnsConfig> = dnsPolicy === 'None' ? { servers: [], searches: [], options: [] } : cluster
    ? {
        servers: clusterDns,
        searches: unique([`${pod.metadata.namespace ?? ''}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain, ...host.searches]),
        options: ['ndots:5'],
      }
    : host
  if (!more) return limit(base)
  const given = (more.options ?? []).map(({ name = '', value }) => (value === undefined || value === '' ? name : `${name}:${value}`))
  const named = new Set((more.options ?? []).map(({ name }) => name))
  return limit({
    servers: unique([...base.servers, ...(more.nameservers ?? [])]),
    searches: unique([...base.searches, ...(more.searches ?? [])]),
    options: [...base.options.filter((option) => !named.has(option.split(':')[0])), ...given],
  })
}

/** What the C library can take. */
function limit({ servers, searches, options }: Required<DnsConfig>): DnsConfig {
  return { servers: servers.slice(0, 3), searches: searches.slice(0, 32), options }
}

const unique = (items: readonly string[]): string[] => [...new Set(items)]

export function parseResolvConf(text: string): Required<DnsConfig> {
  const servers: string[] = []
  let searches: string[] = []
  let options: string[] = []
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.replace(/[#;].*$/, '').trim().split(/\s+/)
    if (word === 'nameserver' && rest[0]) servers.push(rest[0])
    // The last line counts.
    else if (word === 'search') searches = rest.map((domain) => (domain === '.' ? domain : domain.replace(/\.$/, '')))
    else if (word === 'options') options = rest
  }
  return { servers, searches, options }
}
