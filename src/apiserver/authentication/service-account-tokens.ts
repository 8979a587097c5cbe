import type { KeyObject } from 'node:crypto'
import { randomUUID } from 'node:crypto'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { secrets } from '#api/core/v1/secret'
import { serviceaccounts } from '#api/core/v1/service-account'
import type { KubeObject, NamespacedName } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import { annotate } from './authenticator'
import type { UserInfo } from './authenticator'
import { legacyIssuer, sharedAudiences, type Claims, type ClaimsOf } from './issued-tokens'
import { signJwt } from './jwt'
import type { ObjectReader } from './objects'
import type { TokenAuthenticator, TokenIdentity } from './token'
import type { TokenCounters } from './token-counters'
import { serviceAccountGroups, serviceAccountUser } from './users'

interface Reference {
  readonly name: string
  readonly uid?: string
}

/** What a token says beside the standard claims. */
interface BoundClaims {
  readonly namespace: string
  readonly serviceaccount: Reference
  readonly pod?: Reference
  readonly secret?: Reference
  readonly node?: Reference
  readonly warnafter?: number
}

export interface TokenContents {
  readonly account: { readonly namespace: string; readonly name: string; readonly uid: string }
  readonly pod?: Reference
  readonly secret?: Reference
  /** Beside a pod it only tells where the pod runs; alone, the token is bound to it. */
  readonly node?: Reference
  readonly audiences: readonly string[]
  readonly expiresInSeconds: number
  readonly warnAfterSeconds?: number
  /** Names this token in audit logs; made up unless given. */
  readonly id?: string
}

/** Signs a bound service account token, with the claims of the original. */
export function signServiceAccountToken(contents: TokenContents, options: { issuer: string; key: KeyObject; now: number }): string {
  const { account, pod, secret, node, audiences, expiresInSeconds, warnAfterSeconds, id = randomUUID() } = contents
  const now = Math.floor(options.now / 1000)
  const bound: BoundClaims = {
    namespace: account.namespace,
    ...(node ? { node } : {}),
    ...(pod ? { pod } : {}),
    ...(secret ? { secret } : {}),
    serviceaccount: { name: account.name, uid: account.uid },
    ...(warnAfterSeconds ? { warnafter: now + warnAfterSeconds } : {}),
  }
  const claims = {
    aud: audiences, exp: now + expiresInSeconds, iat: now, iss: options.issuer, jti: id, 'kubernetes.io': bound, nbf: now,
    sub: serviceAccountUser(account.namespace, account.name),
  }
  return signJwt(claims, options.key)
}

export interface ServiceAccountTokenOptions {
  /** Of the issuers of bound tokens at least. */
  readonly claimsOf: ClaimsOf
  /** What a token must be for when the asker does not say: `--api-audiences`. */
  readonly audiences: readonly string[]
  readonly objects: ObjectReader
  readonly clock: Pick<Clock, 'now'>
  readonly counters?: TokenCounters
}

/** Clocks of two machines may differ by this much (milliseconds). */
const leeway = 60_000

/** Accepts tokens whose service account, and whatever they are bound to, still exist as they did. */
export function serviceAccountTokens({ claimsOf, audiences, objects, clock, counters }: ServiceAccountTokenOptions): TokenAuthenticator {
  // A token that comes again stands for the same object, by which others remember what they made of it.
  const users = new WeakMap<Claims, UserInfo>()
  return {
    authenticateToken(token, asked, remarks) {
      const claims = claimsOf(token)
      if (!claims || (claims['iss'] === legacyIssuer && claims['kubernetes.io'] === undefined)) return undefined
      const shared = sharedAudiences(claims, asked, audiences)
      const now = clock.now()
      checkTimes(claims, now)
      const bound = claims['kubernetes.io'] as BoundClaims | undefined
      if (!bound?.serviceaccount) throw new Error('service account token has no kubernetes.io claim')
      let user = users.get(claims)
      if (!user) users.set(claims, (user = userOf(bound, claims['jti'])))
      const identity: TokenIdentity = { user, audiences: shared }
      const checked = checkBindings(bound, objects, now, identity)
      if (!bound.warnafter) return checked
      const noteAge = (settled: TokenIdentity): TokenIdentity => {
        const late = Math.floor(now / 1000) - bound.warnafter!
        if (now > bound.warnafter! * 1000) annotate(remarks, 'authentication.k8s.io/stale-token', `subject: ${String(claims['sub'])}, seconds after warning threshold: ${late}`)
        counters?.boundToken(now > bound.warnafter! * 1000)
        return settled
      }
      return checked instanceof Promise ? checked.then(noteAge) : noteAge(checked)
    },
  }
}

function checkTimes(claims: Readonly<Record<string, unknown>>, now: number): void {
  const at = (name: string): number | undefined => (typeof claims[name] === 'number' ? claims[name] * 1000 : undefined)
  if ((at('nbf') ?? 0) > now + leeway) throw new Error('service account token is not valid yet')
  if ((at('exp') ?? 0) < now - leeway) throw new Error('service account token has expired')
  if ((at('iat') ?? 0) > now + leeway) throw new Error('service account token is issued in the future')
}

function userOf({ namespace, serviceaccount, pod, node }: BoundClaims, jti: unknown): UserInfo {
  const extra: Record<string, readonly string[]> = {}
  const prefix = 'authentication.kubernetes.io/'
  if (typeof jti === 'string') extra[`${prefix}credential-id`] = [`JTI=${jti}`]
  if (node) {
    extra[`${prefix}node-name`] = [node.name]
    if (node.uid) extra[`${prefix}node-uid`] = [node.uid]
  }
  if (pod) {
    extra[`${prefix}pod-name`] = [pod.name]
    if (pod.uid) extra[`${prefix}pod-uid`] = [pod.uid]
  }
  return { name: serviceAccountUser(namespace, serviceaccount.name), uid: serviceaccount.uid ?? '', groups: serviceAccountGroups(namespace), extra }
}

interface Binding {
  readonly resource: ResourceRef
  readonly name: NamespacedName
  readonly uid: string
  readonly gone: string
  readonly deleted: string
  readonly replaced: (uid: string) => string
}

/** Objects in memory answer at once; what is not there, or not the same, is looked up in the store before it counts against the token. */
function checkBindings(bound: BoundClaims, objects: ObjectReader, now: number, identity: TokenIdentity): TokenIdentity | Promise<TokenIdentity> {
  const bindings = bindingsOf(bound)
  const good = ({ uid }: Binding, object: KubeObject | undefined): boolean => object !== undefined && object.metadata.uid === uid && !deletedBefore(object, now)
  if (bindings.every((binding) => good(binding, objects.get(binding.resource, binding.name)))) return identity
  return (async () => {
    for (const binding of bindings) {
      const object = await objects.live(binding.resource, binding.name)
      if (!object) throw new Error(binding.gone)
      if (object.metadata.uid !== binding.uid) throw new Error(binding.replaced(object.metadata.uid ?? ''))
      if (deletedBefore(object, now)) throw new Error(binding.deleted)
    }
    return identity
  })()
}

const deletedBefore = ({ metadata }: KubeObject, now: number): boolean => metadata.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) < now - leeway

function bindingsOf({ namespace, serviceaccount, pod, secret, node }: BoundClaims): Binding[] {
  const invalidated = 'service account token has been invalidated'
  const bindings: Binding[] = [{
    resource: serviceaccounts, name: { namespace, name: serviceaccount.name }, uid: serviceaccount.uid ?? '',
    gone: `serviceaccounts "${serviceaccount.name}" not found`, deleted: `service account ${namespace}/${serviceaccount.name} has been deleted`,
    replaced: (uid) => `service account UID (${uid}) does not match claim (${serviceaccount.uid})`,
  }]
  const add = (resource: ResourceRef, name: NamespacedName, { uid = '' }: Reference, what: string, claim: string): void => {
    bindings.push({ resource, name, uid, gone: invalidated, deleted: invalidated, replaced: (found) => `${what} UID (${found}) does not match service account ${claim} ref claim (${uid})` })
  }
  if (secret) add(secrets, { namespace, name: secret.name }, secret, 'secret', 'secret')
  if (pod) add(pods, { namespace, name: pod.name }, pod, 'pod', 'pod')
  else if (node) add(nodes, { name: node.name }, node, 'node', 'node')
  return bindings
}
