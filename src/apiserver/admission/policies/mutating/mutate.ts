import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '#api/admissionregistration/v1/types'
import { ApiError } from '#apimachinery/api-error'
import { showKind } from '#apimachinery/apply/apply'
import { answered } from '#apimachinery/cel/library/authorizer'
import type { KubeObject } from '#apimachinery/object'
import { normalize } from '#apimachinery/schema/normalize'
import type { Struct } from '#apimachinery/schema/schema'
import { sameData } from '#base/clone'
import { protobufStruct } from '../../../encoding/protobuf-kinds'
import type { Candidate } from '../../matching/candidates'
import { isOwnObject, kindIn, versionsOf } from '../../matching/place'
import type { createReinvocation, Turn } from '../../matching/reinvocation'
import { converting, fromVersion, inVersion, replaceWith } from '../../matching/versioned'
import type { AdmissionRequest } from '../../plugin'
import { refuse } from '../../refuse'
import { activationOf, type Activation } from '../activation'
import { UntoldCondition } from '../conditions'
import type { PolicyDeps } from '../deps'
import { callsOf, type Invocation, prepared } from '../dispatch'
import { OutOfBudget } from '../expressions'
import type { BoundPolicy } from '../follow'
import type { Changed } from './change'
import { MutationFault } from './fault'
import { type Mutating, mutatorOf } from './mutator'

type Bound = BoundPolicy<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>
type Call = Invocation<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>

interface Denial {
  readonly message: string
  /** Why; undefined where the policy or binding itself is at fault. */
  readonly reason?: 'Invalid'
}

/**
 * Has the policies that are for such writes change this one, one after another: each sees what those before it made of the object.
 * Who says `IfNeeded` is asked once more when anybody changed it afterwards.
 */
export async function mutateWrite(candidates: readonly Candidate<Bound>[], request: AdmissionRequest, reinvocation: ReturnType<typeof createReinvocation>, deps: PolicyDeps): Promise<void> {
  const namespace = await prepared(candidates, request, deps)
  const calls = callsOf(candidates, request, namespace, deps.params)
  const denials: Denial[] = []
  for (const { bound: { policy }, faults } of calls) for (const { binding, message } of faults) deny(denials, policy, binding, { message })

  const activations = new Map<string, Activation>()
  const shown = (apiVersion: string): Activation => {
    let activation = activations.get(apiVersion)
    // A namespace is in none.
    const around = request.resource.resource === 'namespaces' && request.resource.group === '' ? undefined : namespace
    if (!activation) activations.set(apiVersion, (activation = activationOf(request, apiVersion, around, deps)))
    return activation
  }
  const invocations = calls.flatMap((call) => call.invocations)
  if (invocations.length > 0) {
    const turn = reinvocation.begin(request)
    try {
      let mutated = false
      for (const call of invocations) mutated = (await invoke(call, request, shown(call.apiVersion), turn, denials)) || mutated
      // Whoever was asked is asked again, be it that nothing changed in the end: so does the original.
      if (mutated) turn.changed()
    } finally {
      turn.end()
    }
  }
  if (denials.length > 0) throw refusal(denials, request)
}

/** One policy with one set of parameters. Whether any of its mutations was applied. */
async function invoke({ bound: { policy }, binding, apiVersion, params }: Call, request: AdmissionRequest, shown: Activation, turn: Turn, denials: Denial[]): Promise<boolean> {
  const mutator = mutatorOf(policy)
  const { object } = request
  const activation = (): Activation => ({ ...shown, object: object ? inVersion(request, object, apiVersion) : null, params: params ?? null })
  const say = (error: unknown): void => {
    if (!(error instanceof MutationFault || error instanceof OutOfBudget || error instanceof UntoldCondition)) throw error
    deny(denials, policy, binding, { message: error.message, reason: 'Invalid' })
  }
  try {
    await converting(request, [apiVersion])
    const about = activation()
    if (!(await answered(() => mutator.holds(about)))) return false
  } catch (error) {
    say(error)
    return false
  }
  const key = `${policy.metadata.name}/${binding.metadata.name}/${params?.metadata.namespace ?? ''}/${params?.metadata.name ?? ''}`
  if (!turn.mayAsk(key)) return false
  let mutated = false
  if (object) {
    const before = { ...object }
    for (const mutation of mutator.mutations) {
      try {
        await converting(request, [apiVersion])
        replaceWith(object, await made(mutation, activation(), request, object, apiVersion))
        mutated = true
      } catch (error) {
        say(error)
      }
    }
    if (mutated && !sameData(before, object)) turn.changed()
  }
  if (policy.spec.reinvocationPolicy === 'IfNeeded') turn.asked(key)
  return mutated
}

async function made({ evaluate, change }: Mutating, activation: Activation, request: AdmissionRequest, object: KubeObject, apiVersion: string): Promise<KubeObject> {
  const schema = await schemaFor(request, apiVersion)
  const value = await answered(() => evaluate(activation))
  const own = isOwnObject(request)
  const changed: Changed = {
    before: inVersion(request, object, apiVersion), schema,
    async restore(whole, unknown) {
      // Custom resources are read as they come and pruned.
      const tell = request.resource.customResource ? undefined : unknown
      if (own) return fromVersion(request, whole, apiVersion, tell)
      normalize(schema, whole, { defaults: true, ...(tell && { unknown: tell }) })
      return whole
    },
  }
  return change(value, changed)
}

/** Of what a request is about in a version. Throws 503 for what has no schema: questions of a connection. */
async function schemaFor(request: AdmissionRequest, apiVersion: string): Promise<Struct> {
  if (isOwnObject(request)) return versionsOf(request.resource)[apiVersion]!.schema()
  const { group, version, kind } = kindIn(apiVersion, request)
  const groupVersion = group === '' ? version : `${group}/${version}`
  const schema = await protobufStruct(groupVersion, kind)
  if (schema) return schema
  throw new ApiError(503, 'ServiceUnavailable', `Resource kind ${showKind(groupVersion, kind)} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`)
}

function deny(denials: Denial[], { metadata: { name }, spec: { failurePolicy } }: MutatingAdmissionPolicy, binding: MutatingAdmissionPolicyBinding | undefined, { message, ...rest }: Denial): void {
  if (failurePolicy === 'Ignore') return
  const who = binding ? `policy '${name}' with binding '${binding.metadata.name}'` : `policy ${JSON.stringify(name)}`
  denials.push({ ...rest, message: `${who} denied request: ${message}` })
}

function refusal(denials: readonly Denial[], request: AdmissionRequest): ApiError {
  const { message, reason = 'Forbidden' } = denials[0]!
  const causes = denials.map((denial) => ({ message: denial.message }))
  return new ApiError(403, reason, message, { ...refuse(request, message).status.details, causes })
}
