import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/admissionregistration/v1/types'
import type { Namespace } from '#api/core/v1/types'
import type { StatusReason } from '#apimachinery/api-error'
import { AnswerPending, answered } from '#apimachinery/cel/library/authorizer'
import type { Candidate } from '../matching/candidates'
import type { AdmissionRequest } from '../plugin'
import { refuse } from '../refuse'
import { activationOf, type Activation } from './activation'
import type { PolicyDeps } from './deps'
import { callsOf, type Invocation, prepared } from './dispatch'
import type { BoundPolicy } from './follow'
import { type Judgement, validatorOf } from './validator'

type Bound = BoundPolicy<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>
type Call = Invocation<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>

const maxAuditValue = 10 * 1024
const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 }

/** Asks the policies that are for such writes about this one. A promise only where something is not in memory. */
export function judgeWrite(candidates: readonly Candidate<Bound>[], request: AdmissionRequest, deps: PolicyDeps): void | Promise<void> {
  const namespace = prepared(candidates, request, deps)
  return namespace instanceof Promise ? namespace.then((found) => judge(candidates, request, found, deps)) : judge(candidates, request, namespace, deps)
}

function judge(candidates: readonly Candidate<Bound>[], request: AdmissionRequest, namespace: Namespace | undefined, deps: PolicyDeps): void | Promise<void> {
  const activations = new Map<string, Activation>()
  const shown = (apiVersion: string): Activation => {
    let activation = activations.get(apiVersion)
    if (!activation) activations.set(apiVersion, (activation = activationOf(request, apiVersion, namespace, deps)))
    return activation
  }
  const find = (): Found => judgeAll(candidates, request, namespace, shown, deps)
  let found: Found
  try {
    found = find()
  } catch (error) {
    // Who is asked for permissions may have to ask elsewhere.
    if (!(error instanceof AnswerPending)) throw error
    return error.answer.then(() => answered(find)).then((judged) => tell(judged, request))
  }
  tell(found, request)
}

interface Denial {
  readonly policy: string
  readonly binding: string | undefined
  readonly message: string
  readonly reason?: string | undefined
}

/** What came of all policies; told only when all were asked. */
interface Found {
  readonly denials: Denial[]
  readonly warnings: string[]
  readonly annotations: [key: string, value: string][]
}

function judgeAll(candidates: readonly Candidate<Bound>[], request: AdmissionRequest, namespace: Namespace | undefined, shown: (apiVersion: string) => Activation, { params }: PolicyDeps): Found {
  const found: Found = { denials: [], warnings: [], annotations: [] }
  for (const { bound, invocations, faults } of callsOf(candidates, request, namespace, params)) {
    const policy = bound.policy.metadata.name
    if (bound.policy.spec.failurePolicy !== 'Ignore') for (const { binding, message } of faults) found.denials.push({ policy, binding: binding?.metadata.name, message })
    const notes = new Map<string, string[]>()
    for (const call of invocations) take(call, validatorOf(bound.policy).judge(shown(call.apiVersion), call.params), found, notes)
    for (const [key, values] of notes) found.annotations.push([`${policy}/${key}`, values.join(', ')])
  }
  return found
}

function take({ bound: { policy }, binding }: Call, { verdicts, annotations, faults }: Judgement, found: Found, notes: Map<string, string[]>): void {
  const [policyName, bindingName] = [policy.metadata.name, binding.metadata.name]
  for (const [i, { message, reason }] of verdicts) {
    for (const action of binding.spec.validationActions) {
      if (action === 'Deny') found.denials.push({ policy: policyName, binding: bindingName, message, reason })
      else if (action === 'Warn') found.warnings.push(`Validation failed for ValidatingAdmissionPolicy '${policyName}' with binding '${bindingName}': ${message}`)
      else if (action === 'Audit') {
        found.annotations.push(['validation.policy.admission.k8s.io/validation_failure', JSON.stringify([{
          message, policy: policyName, binding: bindingName, expressionIndex: i, validationActions: binding.spec.validationActions,
        }])])
      }
    }
  }
  for (const [key, value] of annotations) {
    const values = notes.get(key) ?? []
    const short = value.length > maxAuditValue ? value.slice(0, maxAuditValue) : value
    if (!values.includes(short)) notes.set(key, [...values, short])
  }
  for (const message of faults) found.denials.push({ policy: policyName, binding: bindingName, message })
}

function tell({ denials, warnings, annotations }: Found, request: AdmissionRequest): void {
  for (const warning of warnings) request.warn(warning)
  for (const [key, value] of annotations) request.annotate(key, value)
  const first = denials[0]
  if (!first) return
  const message = `ValidatingAdmissionPolicy '${first.policy}'${first.binding === undefined ? '' : ` with binding '${first.binding}'`} denied request: ${first.message}`
  const error = refuse(request, message)
  const reason = (first.reason || 'Invalid') as StatusReason
  Object.assign(error.status, { reason, code: codes[reason] ?? 422, details: { ...error.status.details, causes: [{ message }] } })
  throw error
}
