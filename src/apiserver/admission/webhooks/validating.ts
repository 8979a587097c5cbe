import { validatingwebhookconfigurations } from '#api/admissionregistration/v1/validating-webhook-configuration'
import type { AdmissionPlugin, AdmissionRequest } from '../plugin'
import { beginning } from '../matching/versioned'
import { isGuard } from '../matching/place'
import type { Candidate } from '../matching/candidates'
import { asAnswer, ask, endOf, goesOnWithout, wants } from './ask'
import type { WebhookDeps } from './deps'
import { followHooks, type Hook } from './hooks'
import { objectTexts } from './review'
import { whenReady } from './ready'

/** Asks all webhooks that want to judge a write at the same time; one that refuses is enough. */
export function validatingAdmissionWebhook(deps: WebhookDeps): AdmissionPlugin {
  const hooks = followHooks(deps.informers.get(validatingwebhookconfigurations), deps.webhooks)

  const dispatch = (request: AdmissionRequest): void | Promise<void> => {
    const current = hooks.current()
    if (current.none) return
    const candidates = current.for(request)
    if (candidates.length > 0) return askAll(candidates, request)
  }

  const askAll = async (candidates: readonly Candidate<Hook>[], request: AdmissionRequest): Promise<void> => {
    beginning(request)
    const relevant: Candidate<Hook>[] = []
    for (const candidate of candidates) if (await wants(candidate.item, candidate.apiVersion, request, deps)) relevant.push(candidate)
    const texts = objectTexts(request)
    const failures = await Promise.all(relevant.map(async ({ item: hook, apiVersion }, i) => {
      const ended = deps.calls?.call(hook.name, 'validating', request.operation)
      try {
        await ask(hook, apiVersion, request, texts, false)
        ended?.({ rejected: false, code: 200 })
      } catch (error) {
        ended?.(endOf(hook, error))
        if (!goesOnWithout(hook, error, deps.log)) return { error }
        request.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${i}`, hook.name)
      }
      return undefined
    }))
    const failure = failures.find(Boolean)
    if (failure) throw asAnswer(failure.error)
  }

  return {
    name: 'ValidatingAdmissionWebhook',
    handles: (_operation, resource) => !isGuard(resource),
    validate: (request) => whenReady(hooks.ready, request, dispatch),
  }
}
