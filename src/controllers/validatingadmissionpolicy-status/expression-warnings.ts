import type { ExpressionWarning, ValidatingAdmissionPolicySpec } from '#api/admissionregistration/v1/types'
import type { CelEnvironment, CelType } from '#apimachinery/cel/contract'
import { composeVariables, policyEnvironment } from '#apimachinery/cel/policy-environment'
import { schemaType } from '#apimachinery/cel/schema-type'
import { CelCompileError } from '#apimachinery/cel/syntax/errors'
import type { DescribedKinds, GroupVersionKind } from './described-kinds'
import { kindsToCheck } from './kinds-to-check'

/** An environment in which `object` is of one kind, which warnings name as `apps/v1, Kind=Deployment`. */
interface Typed { readonly kind: string; readonly environment: CelEnvironment }

/** What is wrong with a policy's expressions where objects and params are of the kinds that it is for. */
export async function expressionWarnings(spec: ValidatingAdmissionPolicySpec, kinds: DescribedKinds): Promise<ExpressionWarning[]> {
  const environments = await environmentsOf(spec, kinds)
  const warnings: ExpressionWarning[] = []
  const judge = (fieldRef: string, expression: string): void => {
    const faults = environments.flatMap(({ kind, environment }) => {
      const fault = faultOf(environment, expression)
      return fault === undefined ? [] : [`${kind}: ${fault}\n`]
    })
    if (faults.length > 0) warnings.push({ fieldRef, warning: faults.join('\n') })
  }
  for (const [i, { expression, messageExpression }] of (spec.validations ?? []).entries()) {
    judge(`spec.validations[${i}].expression`, expression)
    if (messageExpression) judge(`spec.validations[${i}].messageExpression`, messageExpression)
  }
  return warnings
}

async function environmentsOf(spec: ValidatingAdmissionPolicySpec, kinds: DescribedKinds): Promise<Typed[]> {
  const { paramKind, variables = [] } = spec
  const params = paramKind && (await typeOf(paramsKind(paramKind), kinds))
  const environments: Typed[] = []
  for (const kind of await kindsToCheck(spec, kinds)) {
    const object = await typeOf(kind, kinds)
    if (!object) continue
    const base = policyEnvironment({ params: paramKind !== undefined, authorizer: true, objectType: object.type, ...(params && { paramsType: params.type }) })
    environments.push({ kind: `${kind.group}/${kind.version}, Kind=${kind.kind}`, environment: composeVariables(base, variables).environment })
  }
  return environments
}

/** Undefined where the kind is not described; its type may be anything where the description says nothing. */
async function typeOf(kind: GroupVersionKind, kinds: DescribedKinds): Promise<{ type: CelType } | undefined> {
  const found = await kinds.schemaOf(kind)
  return found && { type: schemaType(found.schema, { root: true, name: kind.kind, resolve: found.resolve }) ?? { sort: 'dyn' } }
}

function paramsKind({ apiVersion = '', kind = '' }: NonNullable<ValidatingAdmissionPolicySpec['paramKind']>): GroupVersionKind {
  const slash = apiVersion.indexOf('/')
  return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1), kind }
}

/** Constants that can only fail are no matter of types: the server refuses those itself. */
function faultOf(environment: CelEnvironment, expression: string): string | undefined {
  try {
    environment.compile(expression)
  } catch (error) {
    if (!(error instanceof CelCompileError)) throw error
    return error.phase === 'check' ? error.message : undefined
  }
  return undefined
}
