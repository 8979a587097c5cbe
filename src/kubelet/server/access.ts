import { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { subjectaccessreviews } from '#api/authorization/v1/subject-access-review'
import { tokenreviews } from '#api/authentication/v1/token-review'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'

export interface ServerUser { name: string; uid?: string; groups: readonly string[]; extra?: Readonly<Record<string, readonly string[]>> }

/** Who may use the kubelet's server. */
export interface ServerAccess {
  /** Undefined: nobody that is known. */
  authenticate(request: IncomingMessage): Promise<ServerUser | undefined>
  /** Whether the user may use any of these subresources of the node. */
  authorize(user: ServerUser, verb: string, subresources: readonly string[]): Promise<boolean>
}

/** The original's: how long an answer of the API server is trusted. */
const allowedMs = 300_000
const deniedMs = 30_000
const tokenMs = 120_000

/** Asks the API server: certificates of the cluster's authority, else bearer tokens; rights by SubjectAccessReview. */
export function delegatedAccess({ client, nodeName, clock }: { client: Client; nodeName: string; clock: Clock }): ServerAccess {
  const remembered = new Map<string, { value: unknown; until: number }>()
  async function remember<T>(key: string, ask: () => Promise<T>, ms: (value: T) => number): Promise<T> {
    const known = remembered.get(key)
    if (known && known.until > clock.now()) return known.value as T
    const value = await ask()
    if (remembered.size >= 1024) remembered.delete(remembered.keys().next().value!)
    remembered.set(key, { value, until: clock.now() + ms(value) })
    return value
  }
  return {
    async authenticate(request) {
      const socket = request.socket as TLSSocket
      if (socket.authorized) return certificateUser(socket)
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]
      if (!token) return undefined
      const { createHash } = await import('node:crypto')
      return remember(`token ${createHash('sha256').update(token).digest('hex')}`, async () => {
        const review = await client.create(tokenreviews, { spec: { token } })
        const { authenticated, user } = review.status ?? {}
        return authenticated && user?.username ? { name: user.username, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups ?? [], ...(user.extra ? { extra: user.extra as Record<string, string[]> } : {}) } : undefined
      }, () => tokenMs)
    },
    async authorize(user, verb, subresources) {
      for (const subresource of subresources) {
        const allowed = await remember(`may ${JSON.stringify([user, verb, subresource])}`, async () => {
          const review = await client.create(subjectaccessreviews, {
            spec: {
              user: user.name, groups: [...user.groups], ...(user.uid ? { uid: user.uid } : {}), ...(user.extra ? { extra: user.extra as Record<string, string[]> } : {}),
              resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: nodeName },
            },
          })
          return review.status?.allowed === true
        }, (yes) => (yes ? allowedMs : deniedMs))
        if (allowed) return true
      }
      return false
    },
  }
}

/** Common name is the user, organizations are the groups, as in all of Kubernetes. */
function certificateUser(socket: TLSSocket): ServerUser | undefined {
  const raw = socket.getPeerCertificate().raw as Buffer | undefined
  if (!raw) return undefined
  const lines = new X509Certificate(raw).subject.split('\n')
  const values = (key: string): string[] => lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1))
  const [name] = values('CN')
  return name ? { name, groups: [...values('O'), 'system:authenticated'] } : undefined
}

/** Which subresource of nodes a path is; any of them suffices. */
export function subresourcesOf(path: string): string[] {
  const below = (root: string): boolean => path === root || path.startsWith(`${root}/`)
  if (below('/pods') || below('/runningpods')) return ['pods', 'proxy']
  if (below('/healthz')) return ['healthz', 'proxy']
  if (below('/configz')) return ['configz', 'proxy']
  if (below('/stats')) return ['stats']
  if (below('/metrics')) return ['metrics']
  if (below('/logs')) return ['log']
  if (below('/checkpoint')) return ['checkpoint']
  return ['proxy']
}

export const verbOf = (method: string | undefined): string => ({ POST: 'create', GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' })[method ?? ''] ?? 'get'
