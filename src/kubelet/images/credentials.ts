import type { Secret } from '#api/core/v1/types'
import type { AuthConfig } from '../runtime-service'
import { canonicalImage } from './image-name'

interface DockerEntry { username?: string; password?: string; auth?: string; identitytoken?: string; registrytoken?: string }

/** What pull secrets offer for an image, the most specific registry path first. Secrets that cannot be read are reported. */
export function credentialsFor(image: string, secrets: readonly Secret[], unreadable: (secret: string, error: unknown) => void): AuthConfig[] {
  const wanted = canonicalImage(image)
  const found: { path: string; auth: AuthConfig }[] = []
  for (const secret of secrets) {
    try {
      for (const [registry, entry] of Object.entries(entriesOf(secret))) {
        const path = registryPath(registry)
        if (covers(path, wanted)) found.push({ path, auth: authOf(entry) })
      }
    } catch (error) {
      unreadable(secret.metadata.name, error)
    }
  }
  return found.sort((a, b) => b.path.length - a.path.length).map(({ auth }) => auth)
}

function entriesOf(secret: Secret): Record<string, DockerEntry> {
  const decode = (key: string): unknown => JSON.parse(Buffer.from(secret.data?.[key] ?? '', 'base64').toString())
  if (secret.type === 'kubernetes.io/dockerconfigjson') return (decode('.dockerconfigjson') as { auths?: Record<string, DockerEntry> }).auths ?? {}
  if (secret.type === 'kubernetes.io/dockercfg') return decode('.dockercfg') as Record<string, DockerEntry>
  return {}
}

/** `https://index.docker.io/v1/` is written for docker.io. */
function registryPath(registry: string): string {
  const bare = registry.replace(/^https?:\/\//, '').replace(/\/$/, '').replace(/\/v[12]$/, '')
  return bare === 'index.docker.io' || bare === 'docker.io' ? 'docker.io' : bare
}

/** The host may hold `*` for a label; a path must match from its start, at whole segments. */
function covers(path: string, image: string): boolean {
  const [host = '', ...segments] = path.split('/')
  const [imageHost = '', ...imageSegments] = image.split('/')
  const labels = host.split('.')
  const imageLabels = imageHost.split('.')
  if (labels.length !== imageLabels.length || !labels.every((label, i) => label === imageLabels[i] || (label.includes('*') && wildcard(label).test(imageLabels[i]!)))) return false
  return segments.every((segment, i) => segment === (imageSegments[i] ?? '').split(/[:@]/)[0])
}

function wildcard(label: string): RegExp {
  return new RegExp(`^${label.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^.]*')}$`)
}

function authOf({ username, password, auth, identitytoken, registrytoken }: DockerEntry): AuthConfig {
  if (auth && !username) {
    const text = Buffer.from(auth, 'base64').toString()
    const colon = text.indexOf(':')
    return { username: text.slice(0, colon), password: text.slice(colon + 1) }
  }
  return {
    ...(username ? { username } : {}), ...(password ? { password } : {}),
    ...(identitytoken ? { identityToken: identitytoken } : {}), ...(registrytoken ? { registryToken: registrytoken } : {}),
  }
}
