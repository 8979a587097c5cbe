import { validatingadmissionpolicies } from '#api/admissionregistration/v1/validating-admission-policy'
import type { ValidatingAdmissionPolicy } from '#api/admissionregistration/v1/types'
import type { Input } from '#apimachinery/object'
import { defineController, on, statusOf } from '#controller-runtime/controller'
import { describedKinds } from './described-kinds'

/** Tells the authors of policies in their status which expressions do not suit the kinds that the policy is for. Advice: a policy works all the same. */
export const validatingAdmissionPolicyStatus = defineController({
  name: 'validatingadmissionpolicy-status-controller',
  watches: [on(validatingadmissionpolicies)],
  writes: [statusOf(validatingadmissionpolicies)],

  async reconcile(key, { cached, client, log, signal }) {
    const policy = cached(validatingadmissionpolicies).get(key)
    const { generation = 0 } = policy?.metadata ?? {}
    if (!policy || generation <= (policy.status?.observedGeneration ?? 0)) return
    // Clusters without policies do without the language of their expressions.
    const { expressionWarnings } = await import('./expression-warnings')
    const warnings = await expressionWarnings(policy.spec, describedKinds({ client, log, signal }))
    const typeChecking = warnings.length > 0 ? { expressionWarnings: warnings } : {}
    const applied = { metadata: { name: key }, status: { observedGeneration: generation, typeChecking } } as Input<ValidatingAdmissionPolicy>
    await client.apply(validatingadmissionpolicies, applied, { fieldManager: 'validatingadmissionpolicy-status', force: true, subresource: 'status' })
  },
})
