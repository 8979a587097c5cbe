// Files of one volume that lie where another file or its directory lies: the later one hides the earlier.
import type { Volume, VolumeProjection } from './types'

interface Placed {
  readonly path: string
  readonly source: string
}

const q = (text: string | undefined): string => JSON.stringify(text ?? '')
const shown = ({ path, source }: Placed): string => (source === '' ? q(path) : `${q(path)} (${source})`)

export function overlapWarnings(volumes: readonly Volume[] | undefined): string[] {
  return (volumes ?? []).flatMap((volume) => {
    const { name, configMap, secret, downwardAPI, projected } = volume
    const plain = (items: readonly { path: string }[] | undefined, what: string): string[] => overlaps((items ?? []).map(({ path }) => ({ path, source: '' }))).map((text) => tell(name, what, text))
    return [
      ...(configMap ? plain(configMap.items, `ConfigMap ${q(configMap.name)}`) : []),
      ...(secret ? plain(secret.items, `Secret ${q(secret.secretName)}`) : []),
      ...(downwardAPI ? plain(downwardAPI.items, 'DownwardAPI') : []),
      ...(projected ? ofProjection(name, projected.sources ?? []) : []),
    ]
  })
}

const tell = (volume: string, what: string, overlap: string): string => `volume ${q(volume)} (${what}): overlapping paths: ${overlap}`

function ofProjection(name: string, sources: readonly VolumeProjection[]): string[] {
  const empty = sources.filter((source) => Object.keys(source).length === 0).map(() => `volume ${q(name)} (Projected) has no sources provided`)
  return [...empty, ...overlaps(sources.flatMap(placed)).map((text) => tell(name, 'Projected', text))]
}

function placed({ configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate }: VolumeProjection): Placed[] {
  const from = (items: readonly { path: string }[], source: string): Placed[] => items.map(({ path }) => ({ path, source }))
  if (configMap?.items) return from(configMap.items, `ConfigMap ${q(configMap.name)}`)
  if (secret?.items) return from(secret.items, `Secret ${q(secret.name)}`)
  if (downwardAPI?.items) return from(downwardAPI.items, 'DownwardAPI')
  if (serviceAccountToken) return [{ path: serviceAccountToken.path, source: 'ServiceAccountToken' }]
  if (clusterTrustBundle) return [{ path: clusterTrustBundle.path, source: `ClusterTrustBundle ${q(clusterTrustBundle.name ?? clusterTrustBundle.signerName)}` }]
  if (!podCertificate) return []
  const { certificateChainPath, keyPath, credentialBundlePath } = podCertificate
  return ([[certificateChainPath, 'PodCertificate chain'], [keyPath, 'PodCertificate key'], [credentialBundlePath, 'PodCertificate credential bundle']] as const)
    .flatMap(([path, source]) => (path ? [{ path, source }] : []))
}

function overlaps(all: readonly Placed[]): string[] {
  const found: string[] = []
  const before: Placed[] = []
  for (const { path, source } of all) {
    const here = { path: path.replace(/\/+$/, ''), source }
    for (const other of here.path === '' ? [] : before) {
      if (other.path !== '' && (`${other.path}/`.startsWith(`${here.path}/`) || `${here.path}/`.startsWith(`${other.path}/`))) found.push(`${shown(here)} with ${shown(other)}`)
    }
    before.push(here)
  }
  return found
}
