import { randomUUID, type KeyObject } from 'node:crypto'
import type { SelfSubjectReview, TokenRequest, TokenReview, UserInfo as ReviewedUser } from '#api/authentication/v1/types'
import { nodes } from '#api/core/v1/node'
import { pods } from '#api/core/v1/pod'
import { secrets } from '#api/core/v1/secret'
import { badRequest, conflict, invalid, notFound } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import type { KubeObject, NamespacedName } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import { admissionRequest } from '../registry/admission'
import { rfc3339 } from '../registry/write'
import type { Rest, RestEndpoint } from '../rest/rest'
import type { UserInfo } from './authenticator'
import type { ObjectReader } from './objects'
import { signServiceAccountToken } from './service-account-tokens'
import type { TokenContents } from './service-account-tokens'
import { identifyToken } from './token'
import type { TokenAuthenticator } from './token'
import { authenticatedGroup } from './users'

const group = 'authentication.k8s.io'

/** A user as reviews show one: nothing that is empty. */
export function reviewedUser({ name, uid, groups, extra }: UserInfo): ReviewedUser {
  return {
    username: name, ...(uid ? { uid } : {}), ...(groups.length > 0 ? { groups: [...groups] } : {}),
    ...(extra && Object.keys(extra).length > 0 ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) } : {}),
  }
}

/** TokenReview and SelfSubjectReview: who a token stands for, and who is asking. */
export function authenticationRests(tokens: readonly TokenAuthenticator[], audiences: readonly string[], clock: Pick<Clock, 'now'>): Rest<any>[] {
  const tokenReview: Rest<TokenReview> = {
    group, resource: 'tokenreviews',
    async create(review) {
      const { token } = review.spec
      if (!token) throw badRequest('token is required for TokenReview in authentication')
      return { sort: 'object', code: 201, object: { ...review, status: await reviewToken(tokens, token, review.spec.audiences?.length ? review.spec.audiences : audiences) } }
    },
  }
  const selfReview: Rest<SelfSubjectReview> = {
    group, resource: 'selfsubjectreviews',
    create: (review, exchange) => ({
      sort: 'object', code: 201,
      object: { apiVersion: review.apiVersion, kind: review.kind, metadata: { creationTimestamp: rfc3339(clock.now()) }, status: { userInfo: reviewedUser(exchange.user) } },
    }),
  }
  return [tokenReview, selfReview]
}

async function reviewToken(tokens: readonly TokenAuthenticator[], token: string, audiences: readonly string[]): Promise<TokenReview['status']> {
  try {
    const identity = await identifyToken(tokens, token, audiences)
    const user = { ...identity.user, groups: [...identity.user.groups, authenticatedGroup] }
    return { authenticated: true, user: reviewedUser(user), ...(identity.audiences.length > 0 ? { audiences: [...identity.audiences] } : {}) }
  } catch (error) {
    return { user: {}, error: (error as Error).message }
  }
}

export interface TokenRequestOptions {
  readonly issuer: string
  readonly key: KeyObject
  /** Those of the API server, which a token gets when it asks for none. */
  readonly audiences: readonly string[]
  readonly objects: ObjectReader
  readonly clock: Pick<Clock, 'now'>
  /** Longer ones are cut, with a warning; undefined: as long as was asked. */
  readonly maxExpirationSeconds?: number
  /** `--service-account-extend-token-expiration`: pods' own tokens live for a year and warn after their hour. */
  readonly extendExpiration: boolean
}

/** What the kubelet and the admission plugin ask for pods; asked for exactly, it is extended. */
const podTokenSeconds = 3607
const extendedSeconds = 365 * 24 * 3600

/** `POST serviceaccounts/NAME/token`. */
export function tokenEndpoint(options: TokenRequestOptions): RestEndpoint {
  const { objects, clock } = options
  return async ({ exchange, parent, decode, write, registry }) => {
    const { object: account } = await parent()
    const request = await decode<TokenRequest>()
    const { name, namespace = '', uid } = account.metadata
    const mismatch = checkMetadata(request, { name, namespace, uid: uid ?? '' })
    if (mismatch) {
      if (write.enabled('TokenRequestServiceAccountUIDValidation')) throw conflict({ group, resource: 'TokenRequest' }, name, mismatch)
      exchange.audit?.annotate('authentication.k8s.io/token-request-uid-mismatch', mismatch)
      write.warn(`${mismatch} but TokenRequestServiceAccountUIDValidation is not enabled. In the future, this will return a conflict error`)
    }
    const now = clock.now()
    // NodeRestriction is among them, and looks at what the node itself asked for: tokens of its own pods only.
    await registry.admission.admit(admissionRequest(write, 'CREATE', request as KubeObject, undefined))
    const spec = { ...request.spec, audiences: request.spec.audiences?.length ? request.spec.audiences : [...options.audiences], expirationSeconds: request.spec.expirationSeconds ?? 3600 }
    validateSpec(spec.expirationSeconds)
    await registry.admission.validate(admissionRequest(write, 'CREATE', { ...request, spec } as KubeObject, undefined))
    const bound = await bindTo(objects, spec.boundObjectRef, { namespace, name })
    if (options.maxExpirationSeconds && spec.expirationSeconds > options.maxExpirationSeconds) {
      write.warn(`requested expiration of ${spec.expirationSeconds} seconds shortened to ${options.maxExpirationSeconds} seconds`)
      spec.expirationSeconds = options.maxExpirationSeconds
    }
    const extend = options.extendExpiration && bound.pod && spec.expirationSeconds === podTokenSeconds && spec.audiences.every((audience) => options.audiences.includes(audience))
    const id = randomUUID()
    const contents: TokenContents = {
      id, account: { namespace, name, uid: uid ?? '' }, audiences: spec.audiences, ...bound,
      ...(extend ? { expiresInSeconds: extendedSeconds, warnAfterSeconds: spec.expirationSeconds } : { expiresInSeconds: spec.expirationSeconds }),
    }
    exchange.audit?.annotate('authentication.kubernetes.io/issued-credential-id', `JTI=${id}`)
    const token = signServiceAccountToken(contents, { issuer: options.issuer, key: options.key, now })
    return {
      sort: 'object', code: 201,
      object: {
        apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name, namespace, uid, creationTimestamp: rfc3339(now) }, spec: { ...spec, boundObjectRef: spec.boundObjectRef ?? null },
        status: { token, expirationTimestamp: rfc3339(now + spec.expirationSeconds * 1000) },
      },
    }
  }
}

/** Comes to what a UID that is not the account's is told. */
function checkMetadata({ metadata }: TokenRequest, account: { name: string; namespace: string; uid: string }): string | undefined {
  const errors = new FieldErrors()
  const kind = { group, kind: 'TokenRequest' }
  if (metadata?.name && metadata.name !== account.name) errors.at('metadata', 'name').invalid(metadata.name, 'must match the service account name if specified')
  if (metadata?.namespace && metadata.namespace !== account.namespace) errors.at('metadata', 'namespace').invalid(metadata.namespace, 'must match the service account namespace if specified')
  if (errors.any) throw invalid(kind, account.name, errors.all)
  if (!metadata?.uid || metadata.uid === account.uid) return undefined
  return `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${account.uid})`
}

function validateSpec(expirationSeconds: number): void {
  const errors = new FieldErrors()
  const at = errors.at('spec', 'expirationSeconds')
  if (expirationSeconds < 600) at.invalid(expirationSeconds, 'may not specify a duration less than 10 minutes')
  if (expirationSeconds > 2 ** 32) at.invalid(expirationSeconds, 'may not specify a duration larger than 2^32 seconds')
  if (errors.any) throw invalid({ group, kind: 'TokenRequest' }, '', errors.all)
}

type Bound = Pick<TokenContents, 'pod' | 'secret' | 'node'>

async function bindTo(objects: ObjectReader, reference: TokenRequest['spec']['boundObjectRef'], account: { namespace: string; name: string }): Promise<Bound> {
  if (!reference) return {}
  const { kind = '', apiVersion = '', name = '', uid } = reference
  const find = async <T extends KubeObject>(resource: ResourceRef<T>, at: NamespacedName): Promise<T> => {
    const object = await objects.live(resource, at)
    if (!object) throw notFound({ resource: resource.resource }, at.name)
    return object
  }
  const same = <T extends KubeObject>(object: T): T => {
    if (!uid || object.metadata.uid === uid) return object
    throw conflict({ resource: kind }, name, `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`)
  }
  const referenceTo = ({ metadata }: KubeObject) => ({ name: metadata.name, uid: metadata.uid ?? '' })
  const slash = apiVersion.indexOf('/')
  const [boundGroup, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
  if (boundGroup === '' && kind === 'Pod') {
    const pod = await find(pods, { namespace: account.namespace, name })
    if (pod.spec.serviceAccountName !== account.name) {
      throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account.name)} to pod running with different serviceaccount name.`)
    }
    same(pod)
    const { nodeName } = pod.spec
    if (!nodeName) return { pod: referenceTo(pod) }
    const node = objects.get(nodes, { name: nodeName }) ?? (await objects.live(nodes, { name: nodeName }))
    return { pod: referenceTo(pod), node: node ? referenceTo(node) : { name: nodeName } }
  }
  if (boundGroup === '' && kind === 'Node') return { node: referenceTo(same(await find(nodes, { name }))) }
  if (boundGroup === '' && kind === 'Secret') return { secret: referenceTo(same(await find(secrets, { namespace: account.namespace, name }))) }
  throw badRequest(`cannot bind token to object of type ${boundGroup}/${version}, Kind=${kind}`)
}
