import { randomUUID } from 'node:crypto'
import type { Status } from '#apimachinery/meta/v1/types'
import { ApiError } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { kindIn, namespaceOf, placeIn } from '../matching/place'
import { inVersion } from '../matching/versioned'
import type { AdmissionRequest } from '../plugin'
import type { Hook } from './hooks'

/** What a webhook said, whichever version of AdmissionReview it speaks. */
export interface Verdict {
  readonly allowed: boolean
  /** JSON patch as text; absent: nothing is to be changed. */
  readonly patch: string | undefined
  readonly result: Status | undefined
  readonly warnings: readonly string[]
  readonly auditAnnotations: Readonly<Record<string, string>>
}

/** The JSON texts of a request's objects in the versions that were asked for: webhooks that see the same share them. */
export interface ObjectTexts {
  object(apiVersion: string): string
  old(apiVersion: string): string
}

export function objectTexts(request: AdmissionRequest): ObjectTexts {
  const texts = (object: KubeObject | undefined) => {
    const known = new Map<string, string>()
    return (apiVersion: string): string => {
      let text = known.get(apiVersion)
      if (text === undefined) known.set(apiVersion, (text = object ? JSON.stringify(withKind(inVersion(request, object, apiVersion), apiVersion, request)) : 'null'))
      return text
    }
  }
  return { object: texts(request.object), old: texts(request.old) }
}

function withKind(object: KubeObject, apiVersion: string, request: AdmissionRequest): KubeObject {
  if (object.kind && object.apiVersion) return object
  const { group, version, kind } = kindIn(apiVersion, request)
  return { ...object, kind, apiVersion: group === '' ? version : `${group}/${version}` }
}

/** An AdmissionReview as JSON, and the uid that its answer must have. */
export function reviewOf(hook: Hook, apiVersion: string, request: AdmissionRequest, texts: ObjectTexts): { readonly uid: string; readonly text: string } {
  const uid = randomUUID()
  const { operation, name, subresource, dryRun, user, kind } = request
  const sub = subresource === '' ? '' : `"subResource":${JSON.stringify(subresource)},`
  const requestSub = subresource === '' ? '' : `"requestSubResource":${JSON.stringify(subresource)},`
  const namespace = namespaceOf(request)
  const userInfo = {
    ...(user.name ? { username: user.name } : {}), ...(user.uid ? { uid: user.uid } : {}), ...(user.groups.length > 0 ? { groups: user.groups } : {}),
    ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
  }
  const text = `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/${hook.reviewVersion}","request":{"uid":"${uid}",`
    + `"kind":${JSON.stringify(kindIn(apiVersion, request))},"resource":${JSON.stringify(placeIn(apiVersion, request.resource))},${sub}`
    + `"requestKind":${JSON.stringify(kindIn(kind.apiVersion, request))},"requestResource":${JSON.stringify(placeIn(kind.apiVersion, request.resource))},${requestSub}`
    + `${name === '' ? '' : `"name":${JSON.stringify(name)},`}${namespace === '' ? '' : `"namespace":${JSON.stringify(namespace)},`}"operation":"${operation}","userInfo":${JSON.stringify(userInfo)},`
    + `"object":${texts.object(apiVersion)},"oldObject":${texts.old(apiVersion)},"dryRun":${dryRun},"options":${JSON.stringify(optionsOf(request))}}}`
  return { uid, text }
}

/** A patch is an update, or a creation, to whoever is asked about it. */
export function optionsOf({ options, operation }: Pick<AdmissionRequest, 'options' | 'operation'>): unknown {
  if (typeof options !== 'object' || options === null) return null
  const { kind, force: _, ...rest } = options as Record<string, unknown>
  if (kind === undefined) return null
  const own = operation === 'CREATE' ? 'CreateOptions' : operation === 'UPDATE' ? 'UpdateOptions' : kind
  return { kind: operation === 'DELETE' ? kind : own, ...rest }
}

interface Review {
  readonly kind?: string
  readonly apiVersion?: string
  readonly response?: {
    readonly uid?: string
    readonly allowed?: boolean
    readonly status?: Status
    readonly patch?: string
    readonly patchType?: string
    readonly auditAnnotations?: Readonly<Record<string, string>>
    readonly warnings?: readonly string[]
  } | null
}

/** Reads an answer. Throws an Error that says what is wrong with it. */
export function verdictOf(answer: unknown, uid: string, hook: Hook, mutating: boolean): Verdict {
  const review = (typeof answer === 'object' && answer !== null ? answer : {}) as Review
  const { response } = review
  if (!response) throw new Error('webhook response was absent')
  const patch = response.patch ? Buffer.from(response.patch, 'base64').toString('utf8') : undefined
  if (hook.reviewVersion === 'v1') {
    if (response.uid !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`)
    if (review.kind !== 'AdmissionReview' || review.apiVersion !== 'admission.k8s.io/v1') {
      throw new Error(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${review.apiVersion ?? ''}, Kind=${review.kind ?? ''}`)
    }
    if (!mutating && patch !== undefined) throw new Error('validating webhook may not return response.patch')
    if (!mutating && response.patchType !== undefined) throw new Error('validating webhook may not return response.patchType')
    if (patch !== undefined && response.patchType === undefined) throw new Error('webhook returned response.patch but not response.patchType')
    if (patch === undefined && response.patchType !== undefined) throw new Error('webhook returned response.patchType but not response.patch')
    if (response.patchType === '') throw new Error('webhook returned invalid response.patchType of ""')
    if (patch !== undefined && response.patchType !== 'JSONPatch') throw new Error(`unsupported patch type ${JSON.stringify(response.patchType)}`)
  }
  return {
    allowed: response.allowed === true, patch: mutating ? patch : undefined, result: response.status, warnings: response.warnings ?? [], auditAnnotations: response.auditAnnotations ?? {},
  }
}

/** A refusal in the webhook's own words, and with its code unless that says success. */
export function refusalBy({ name }: Hook, result: Status | undefined): ApiError {
  const deniedBy = `admission webhook ${JSON.stringify(name)} denied the request`
  const { message, reason, code, status } = result ?? {}
  const refusal = ApiError.from({
    kind: 'Status', apiVersion: 'v1', metadata: {}, ...result,
    status: status === undefined || status === '' || status === 'Success' ? 'Failure' : status,
    code: code === undefined || code < 400 ? 400 : code,
    message: message ? `${deniedBy}: ${message}` : reason ? `${deniedBy}: ${reason}` : `${deniedBy} without explanation`,
  })
  refusals.add(refusal)
  return refusal
}

const refusals = new WeakSet<ApiError>()

/** Whether a webhook said no, and nothing went wrong. */
export const isRefusal = (error: unknown): error is ApiError => error instanceof ApiError && refusals.has(error)
