import { randomUUID } from 'node:crypto'
import type { CustomResourceDefinition } from '#api/apiextensions/v1/types'
import { ApiError } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import type { Unstructured } from '#apimachinery/object'
import { validateAnnotations, validateLabels } from '#apimachinery/object-meta-validation'
import { messageOf } from '#base/error-message'
import type { Webhooks } from '../webhook/webhook'
import type { ConversionMetrics } from './conversion-metrics'

/** Makes objects of one version, each of which says its own, objects of another. */
export interface Converter extends AsyncDisposable {
  convert(objects: readonly Unstructured[], apiVersion: string): Promise<Unstructured[]>
}

const timeoutMs = 30_000

/** Asks the definition's webhook. Throws 500 with what is wrong, in the original's words. */
export function webhookConverter({ metadata: { name }, spec }: CustomResourceDefinition, webhooks: Webhooks | undefined, metrics?: ConversionMetrics): Converter {
  const { clientConfig, conversionReviewVersions } = spec.conversion!.webhook!
  const { caBundle, ...place } = clientConfig ?? {}
  const trusted = caBundle && Buffer.from(caBundle, 'base64').toString('utf8').trim() !== '' ? { caBundle } : {}
  let webhook: ReturnType<Webhooks['of']> | undefined
  return {
    async convert(objects, apiVersion) {
      const all = [...objects]
      const others = all.flatMap((object, i) => (object.apiVersion === apiVersion ? [] : [i]))
      if (others.length === 0) return all
      const first = all[others[0]!]!
      const about = `conversion webhook for ${first.apiVersion}, Kind=${first.kind}`
      const version = conversionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1')
      if (!version) throw failure('no supported conversion review versions')
      if (!webhooks) throw failure(`${about} failed: this server was started without a way to webhooks`)
      webhook ??= webhooks.of({ ...place, ...trusted } as never)
      const uid = randomUUID()
      const request = { kind: 'ConversionReview', apiVersion: `apiextensions.k8s.io/${version}`, request: { uid, desiredAPIVersion: apiVersion, objects: others.map((i) => all[i]) } }
      const ended = metrics?.call(name, versionOf(first.apiVersion), versionOf(apiVersion))
      let answer: unknown
      let converted: readonly unknown[]
      try {
        answer = await webhook.call(request, { timeoutMs })
      } catch (error) {
        ended?.('conversion_webhook_call_failure')
        throw failure(`${about} failed: ${messageOf(error)}`, error)
      }
      try {
        converted = read(answer, version, uid)
      } catch (error) {
        ended?.('conversion_webhook_malformed_response_failure')
        throw failure(`${about} failed: ${messageOf(error)}`, error)
      }
      if (converted.length !== others.length) {
        ended?.('conversion_webhook_partial_response_failure')
        throw failure(`${about} returned ${converted.length} objects, expected ${others.length}`)
      }
      try {
        for (const [at, i] of others.entries()) all[i] = checked(all[i]!, converted[at], apiVersion, `${about} returned invalid`, at)
      } catch (error) {
        ended?.('conversion_webhook_invalid_converted_object_failure')
        throw error
      }
      ended?.('')
      return all
    },
    async [Symbol.asyncDispose]() {
      await webhook?.[Symbol.asyncDispose]()
    },
  }
}

const versionOf = (apiVersion: string): string => apiVersion.slice(apiVersion.indexOf('/') + 1)

const failure = (message: string, cause?: unknown): ApiError => new ApiError(500, '', message, undefined, cause === undefined ? undefined : { cause })

interface Review {
  kind?: string
  apiVersion?: string
  response?: { uid?: string; result?: { status?: string; message?: string }; convertedObjects?: readonly unknown[] }
}

function read(answer: unknown, version: string, uid: string): readonly unknown[] {
  const { kind = '', apiVersion = '', response } = (typeof answer === 'object' && answer !== null ? answer : {}) as Review
  if (version === 'v1' && (kind !== 'ConversionReview' || apiVersion !== 'apiextensions.k8s.io/v1')) {
    throw new Error(`expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got ${apiVersion}, Kind=${kind}`)
  }
  if (!response) throw new Error('no response provided')
  if (version === 'v1' && response.uid !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`)
  const { status = '', message } = response.result ?? {}
  if (status !== 'Success') throw new Error(message || `response.result.status was '${status}', not 'Success'`)
  return response.convertedObjects ?? []
}

/** What came back for an object: of the right version, the same object, and with no other metadata changed than labels and annotations. */
function checked(before: Unstructured, answer: unknown, apiVersion: string, invalid: string, at: number): Unstructured {
  const refuse = (what: string): never => {
    throw failure(what)
  }
  const object = (typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? answer : refuse(`${invalid} converted object at index ${at}: it is no object`)) as Unstructured
  const place = `${invalid} object at index ${at}`
  if (object.apiVersion !== apiVersion) refuse(`${place}: invalid groupVersion (expected ${apiVersion}, received ${object.apiVersion})`)
  if (object.kind !== before.kind) refuse(`${place}: invalid kind (expected ${before.kind}, received ${object.kind})`)
  const { metadata } = object
  if (metadata === undefined) refuse(`${invalid} metadata: missing metadata in converted object`)
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) refuse(`${invalid} metadata: invalid metadata of type ${typeof metadata} in converted object`)
  for (const [field, name] of [['name', 'name'], ['namespace', 'namespace'], ['uid', 'UID']] as const) {
    if ((metadata[field] ?? '') !== (before.metadata[field] ?? '')) refuse(`${invalid} object: must have the same ${name}: ${before.metadata[field] ?? ''} != ${metadata[field] ?? ''}`)
  }
  const { labels, annotations, ...kept } = before.metadata
  const restored: Unstructured['metadata'] = { ...kept }
  for (const [field, old] of [['labels', labels], ['annotations', annotations]] as const) {
    const given = metadata[field] as unknown
    if (given === undefined || given === null) continue
    if (typeof given !== 'object' || Array.isArray(given)) refuse(`${invalid} metadata: invalid metadata.${field} of type ${typeof given} in converted object`)
    const map = given as Record<string, unknown>
    for (const [key, value] of Object.entries(map)) if (typeof value !== 'string') refuse(`${invalid} metadata: metadata.${field}[${key}] must be a string, but is ${typeof value} in converted object`)
    const errors = new FieldErrors()
    const same = Object.keys(map).length === Object.keys(old ?? {}).length && Object.keys(map).every((key) => old?.[key] === map[key])
    if (!same) (field === 'labels' ? validateLabels : validateAnnotations)(map as Record<string, string>, errors.at('metadata', field))
    if (errors.any) refuse(`${invalid} metadata: ${errors.all.map(({ field: path, message }) => `${path}: ${message}`).join(', ')}`)
    restored[field] = map as Record<string, string>
  }
  return { ...object, metadata: restored }
}
