import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/admissionregistration/v1/types'
import { validatingadmissionpolicies } from '#api/admissionregistration/v1/validating-admission-policy'
import { validatingadmissionpolicybindings } from '#api/admissionregistration/v1/validating-admission-policy-binding'
import { isGuard } from '../matching/place'
import type { AdmissionPlugin, AdmissionRequest } from '../plugin'
import { whenReady } from '../webhooks/ready'
import type { PolicyDeps } from './deps'
import { isReview } from './exempt'
import { followPolicies } from './follow'
import { loaded } from './loaded'

/** The language is loaded for the first request that a policy is for. */
const judge = loaded(() => import('./judge'))

/** Judges writes by expressions that administrators keep in the API. */
export function validatingAdmissionPolicy(deps: PolicyDeps): AdmissionPlugin {
  const { informers, params } = deps
  const policies = followPolicies<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>(informers.get(validatingadmissionpolicies), informers.get(validatingadmissionpolicybindings), params)
  const dispatch = (request: AdmissionRequest): void | Promise<void> => {
    const current = policies.current()
    if (current.none) return
    const candidates = current.for(request)
    if (candidates.length === 0) return
    const module = judge()
    return module instanceof Promise ? module.then(({ judgeWrite }) => judgeWrite(candidates, request, deps)) : module.judgeWrite(candidates, request, deps)
  }
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: (_operation, resource) => !isGuard(resource) && !isReview(resource),
    validate: (request) => whenReady(policies.ready, request, dispatch),
  }
}
