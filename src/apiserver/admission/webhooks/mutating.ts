import { mutatingwebhookconfigurations } from '#api/admissionregistration/v1/mutating-webhook-configuration'
import { internal } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { applyJsonPatch } from '#apimachinery/patch/json-patch'
import { messageOf } from '#base/error-message'
import { sameData } from '#base/clone'
import type { Candidate } from '../matching/candidates'
import { isGuard } from '../matching/place'
import { createReinvocation } from '../matching/reinvocation'
import { beginning, fromVersion, inVersion, replaceWith } from '../matching/versioned'
import type { AdmissionPlugin, AdmissionRequest } from '../plugin'
import { asAnswer, ask, endOf, goesOnWithout, HookFailure, wants } from './ask'
import type { WebhookDeps } from './deps'
import { followHooks, type Hook } from './hooks'
import { whenReady } from './ready'
import { objectTexts } from './review'

/**
 * Asks one webhook after another what to make of an object. Who says `IfNeeded` is asked once more when anybody changed it
 * afterwards.
 */
export function mutatingAdmissionWebhook(deps: WebhookDeps): AdmissionPlugin {
  const hooks = followHooks(deps.informers.get(mutatingwebhookconfigurations), deps.webhooks)
  const reinvocation = createReinvocation()

  const dispatch = (request: AdmissionRequest): void | Promise<void> => {
    const current = hooks.current()
    if (current.none) return
    const candidates = current.for(request)
    if (candidates.length > 0) return askAll(candidates, request)
  }

  const askAll = async (candidates: readonly Candidate<Hook>[], request: AdmissionRequest): Promise<void> => {
    beginning(request)
    const turn = reinvocation.begin(request)
    try {
      for (const { item: hook, apiVersion, index } of candidates) {
        if (!(await wants(hook, apiVersion, request, deps)) || !turn.mayAsk(hook.uid)) continue
        if (await askOne(hook, apiVersion, request, turn.round, index)) turn.changed()
        if (hook.reinvocable) turn.asked(hook.uid)
      }
    } finally {
      turn.end()
    }
  }

  const askOne = async (hook: Hook, apiVersion: string, request: AdmissionRequest, round: number, index: number): Promise<boolean> => {
    const place = `webhook.admission.k8s.io/round_${round}_index_${index}`
    let changed = false
    const ended = deps.calls?.call(hook.name, 'admit', request.operation)
    try {
      const { patch } = await ask(hook, apiVersion, request, objectTexts(request), true)
      changed = patch !== undefined && (await apply(hook, patch, apiVersion, request))
      ended?.({ rejected: false, code: 200 })
    } catch (error) {
      ended?.(endOf(hook, error))
      if (!goesOnWithout(hook, error, deps.log)) throw asAnswer(error)
      request.annotate(`failed-open.mutation.${place}`, hook.name)
    } finally {
      request.annotate(`mutation.${place}`, JSON.stringify({ configuration: hook.configuration, webhook: hook.name, mutated: changed }))
    }
    return changed
  }

  return {
    name: 'MutatingAdmissionWebhook',
    handles: (_operation, resource) => !isGuard(resource),
    admit: (request) => whenReady(hooks.ready, request, dispatch),
  }
}

/** Whether the object is another one afterwards. */
async function apply(hook: Hook, text: string, apiVersion: string, request: AdmissionRequest): Promise<boolean> {
  let operations: unknown
  try {
    operations = JSON.parse(text)
  } catch (error) {
    throw new HookFailure(hook, `received undecodable patch in webhook response: ${messageOf(error)}`, error)
  }
  if (operations !== null && !Array.isArray(operations)) throw new HookFailure(hook, 'received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  if (operations === null || operations.length === 0) return false
  const { object } = request
  if (!object) throw internal(new Error(`admission webhook ${JSON.stringify(hook.name)} attempted to modify the object, which is not supported for this operation`))
  // A copy: the patch may share what stands there, and what comes of it is made whole in place.
  const before = JSON.parse(JSON.stringify(inVersion(request, object, apiVersion))) as KubeObject
  let made: KubeObject
  try {
    made = await fromVersion(request, applyJsonPatch(before, operations) as KubeObject, apiVersion)
  } catch (error) {
    throw internal(error instanceof Error && error.cause instanceof Error ? error.cause : error)
  }
  if (sameData(object, made)) return false
  replaceWith(object, made)
  return true
}
