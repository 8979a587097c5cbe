import type { Node } from '#api/core/v1/types'

export const topologyLabels = {
  hostname: 'kubernetes.io/hostname',
  zone: 'topology.kubernetes.io/zone',
  region: 'topology.kubernetes.io/region',
  betaZone: 'failure-domain.beta.kubernetes.io/zone',
  betaRegion: 'failure-domain.beta.kubernetes.io/region',
} as const

type Labelled = Pick<Node, 'metadata'>

/** The old label wins where both are set, as in the original. */
export const zoneOf = ({ metadata: { labels } }: Labelled): string | undefined => labels?.[topologyLabels.betaZone] ?? labels?.[topologyLabels.zone]
export const regionOf = ({ metadata: { labels } }: Labelled): string | undefined => labels?.[topologyLabels.betaRegion] ?? labels?.[topologyLabels.region]
export const hostnameOf = ({ metadata }: Labelled): string => metadata.labels?.[topologyLabels.hostname] ?? metadata.name

/** One text for one failure zone; `''` when a node is in none. Zones of different regions may have the same name. */
export function zoneKey(node: Labelled): string {
  const region = regionOf(node) ?? ''
  const zone = zoneOf(node) ?? ''
  return region === '' && zone === '' ? '' : `${region}:\u0000:${zone}`
}
