import { mutatingadmissionpolicies } from '#api/admissionregistration/v1/mutating-admission-policy'
import { mutatingadmissionpolicybindings } from '#api/admissionregistration/v1/mutating-admission-policy-binding'
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '#api/admissionregistration/v1/types'
import { isGuard } from '../../matching/place'
import { createReinvocation } from '../../matching/reinvocation'
import type { AdmissionPlugin, AdmissionRequest } from '../../plugin'
import { whenReady } from '../../webhooks/ready'
import type { PolicyDeps } from '../deps'
import { isReview } from '../exempt'
import { followPolicies } from '../follow'
import { loaded } from '../loaded'

/** The language is loaded for the first request that a policy is for. */
const mutate = loaded(() => import('./mutate'))

/** Changes writes by expressions that administrators keep in the API. What is deleted has nothing left to change. */
export function mutatingAdmissionPolicy(deps: PolicyDeps): AdmissionPlugin {
  const { informers, params } = deps
  const policies = followPolicies<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>(informers.get(mutatingadmissionpolicies), informers.get(mutatingadmissionpolicybindings), params)
  const reinvocation = createReinvocation()
  const dispatch = (request: AdmissionRequest): void | Promise<void> => {
    const current = policies.current()
    if (current.none) return
    const candidates = current.for(request)
    if (candidates.length > 0) return Promise.resolve(mutate()).then(({ mutateWrite }) => mutateWrite(candidates, request, reinvocation, deps))
  }
  return {
    name: 'MutatingAdmissionPolicy',
    handles: (operation, resource) => operation !== 'DELETE' && !isGuard(resource) && !isReview(resource),
    admit: (request) => whenReady(policies.ready, request, dispatch),
  }
}
