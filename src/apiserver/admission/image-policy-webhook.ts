import { pods } from '#api/core/v1/pod'
import type { Pod } from '#api/core/v1/types'
import { createBackoff } from '#base/backoff'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { OptionsError } from '#component-base/options/whole'
import type { Webhook, Webhooks } from '../webhook/webhook'
import { WebhookError } from '../webhook/webhook-error'
import type { ImagePolicyFile } from './configuration'
import type { AdmissionPlugin, AdmissionRequest } from './plugin'
import { isFor, refuse } from './refuse'

export interface ImagePolicy {
  readonly webhook: Webhook
  readonly allowTtlMs: number
  readonly denyTtlMs: number
  readonly retryBackoffMs: number
  /** Whether pods go on when the webhook does not answer. */
  readonly defaultAllow: boolean
}

/** The file's times are seconds, and milliseconds for the backoff; 0 stands for the default, -1 for never. Throws an Error for others. */
export function imagePolicyOf({ kubeConfigFile, allowTTL, denyTTL, retryBackoff, defaultAllow = false }: ImagePolicyFile, webhooks: Webhooks): ImagePolicy {
  const time = (name: string, value: number | undefined, scale: number, least: number, most: number, otherwise: number): number => {
    if (value === -1) return 0
    if (!value) return otherwise
    if (value * scale < least || value * scale > most) throw new OptionsError('kube-apiserver', [`imagePolicy ${name}: valid value is between ${least} ms and ${most} ms, got ${value * scale} ms`])
    return value * scale
  }
  return {
    webhook: webhooks.ofKubeconfig(kubeConfigFile), defaultAllow, retryBackoffMs: time('retryBackoff', retryBackoff, 1, 1, 300_000, 500),
    allowTtlMs: time('allowTTL', allowTTL, 1000, 1000, 1_800_000, 300_000), denyTtlMs: time('denyTTL', denyTTL, 1000, 1000, 1_800_000, 30_000),
  }
}

interface Status {
  readonly allowed?: boolean
  readonly reason?: string
  readonly auditAnnotations?: Readonly<Record<string, string>>
}

const prefix = 'imagepolicywebhook.image-policy.k8s.io/'
const attempts = 5
const remembered = 1024

/** Asks a webhook of the administrator's whether the images of a pod may run here. */
export function imagePolicyWebhook({ policy, clock, log }: { policy: ImagePolicy; clock: Clock; log: Log }): AdmissionPlugin {
  const known = new Map<string, { readonly status: Status; readonly until: number }>()

  const ask = async (spec: object): Promise<Status> => {
    const key = JSON.stringify(spec)
    const cached = known.get(key)
    if (cached && cached.until > clock.monotonic()) return cached.status
    const backoff = createBackoff({ initial: policy.retryBackoffMs, factor: 1.5, jitter: 0.2, max: 300_000 })
    for (let attempt = 1; ; attempt++) {
      try {
        const review = (await policy.webhook.call({ kind: 'ImageReview', apiVersion: 'imagepolicy.k8s.io/v1alpha1', spec }, { timeoutMs: 30_000 })) as { status?: Status } | null
        const status = review?.status ?? {}
        const ttl = status.allowed ? policy.allowTtlMs : policy.denyTtlMs
        known.delete(key)
        if (ttl > 0) known.set(key, { status, until: clock.monotonic() + ttl })
        if (known.size > remembered) known.delete(known.keys().next().value!)
        return status
      } catch (error) {
        if (!(error instanceof WebhookError) || ![500, 504, 429].includes(error.code) || attempt === attempts) throw error
        await clock.sleep(backoff.next())
      }
    }
  }

  const judge = async (request: AdmissionRequest, images: readonly string[]): Promise<void> => {
    const { metadata } = request.object as Pod
    const annotations = Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => key.includes('.image-policy.k8s.io/')))
    let status: Status
    try {
      status = await ask({ containers: images.map((image) => ({ image })), ...(Object.keys(annotations).length > 0 ? { annotations } : {}), namespace: request.namespace })
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error
      log.warn('the image policy webhook does not answer', { error })
      if (!policy.defaultAllow) throw refuse(request, error.message)
      request.annotate(`${prefix}failed-open`, 'true')
      metadata.annotations = { ...metadata.annotations, 'alpha.image-policy.k8s.io/failed-open': 'true' }
      return
    }
    for (const [key, value] of Object.entries(status.auditAnnotations ?? {})) request.annotate(prefix + key, value)
    if (!status.allowed) throw refuse(request, status.reason ? `image policy webhook backend denied one or more images: ${status.reason}` : 'one or more images rejected by webhook backend')
  }

  return {
    name: 'ImagePolicyWebhook',
    handles: (operation, resource, subresource) => (operation === 'CREATE' || operation === 'UPDATE') && (subresource === '' || subresource === 'ephemeralcontainers') && isFor(resource, '', pods),
    validate(request) {
      const { spec } = request.object as Pod
      const containers = request.subresource === '' ? [...spec.containers, ...(spec.initContainers ?? [])] : (spec.ephemeralContainers ?? [])
      return judge(request, containers.map(({ image }) => image ?? ''))
    },
  }
}
