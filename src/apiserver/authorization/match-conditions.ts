import type { SubjectAccessReviewSpec } from '#api/authorization/v1/types'
import type { CelProgram, CelType } from '#apimachinery/cel/contract'
import { createEnvironment } from '#apimachinery/cel/environment'
import { typeText } from '#apimachinery/cel/check/types'
import { CelCompileError } from '#apimachinery/cel/syntax/errors'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { AuthorizationMetrics } from './authorization-metrics'

/** Whether a webhook is to be asked. An error only where no condition says no. */
export type MatchConditions = (spec: SubjectAccessReviewSpec) => { readonly matches: boolean; readonly error?: string }

export interface MatchConditionDeps {
  readonly name: string
  readonly clock: Pick<Clock, 'monotonic'>
  readonly metrics?: AuthorizationMetrics | undefined
}

const text: CelType = { sort: 'string' }
const texts: CelType = { sort: 'list', item: text }
const struct = (name: string, fields: Readonly<Record<string, CelType>>): CelType => {
  const known = new Map(Object.entries(fields))
  return { sort: 'object', name: `kubernetes.${name}`, fields: () => known }
}
const requirement = struct('SelectorRequirement', { key: text, operator: text, values: texts })
const selector = (name: string): CelType => struct(name, { rawSelector: text, requirements: { sort: 'list', item: requirement } })
const request = struct('SubjectAccessReviewSpec', {
  resourceAttributes: struct('ResourceAttributes', {
    namespace: text, verb: text, group: text, version: text, resource: text, subresource: text, name: text,
    fieldSelector: selector('FieldSelectorAttributes'), labelSelector: selector('LabelSelectorAttributes'),
  }),
  nonResourceAttributes: struct('NonResourceAttributes', { path: text, verb: text }),
  user: text, groups: texts, extra: { sort: 'map', key: text, value: texts }, uid: text,
})
const environment = createEnvironment({ request })
/** One evaluation is limited anyway; the conditions of a webhook have no limit together. */
const unlimited = { left: Number.MAX_SAFE_INTEGER }

/** What is wrong with an expression; undefined: nothing. */
export function conditionProblem(expression: string): string | undefined {
  try {
    const { type } = environment.compile(expression)
    return type.sort === 'bool' ? undefined : `must evaluate to bool but got ${typeText(type)}`
  } catch (error) {
    if (error instanceof CelCompileError) return `${error.phase === 'program' ? 'program instantiation' : 'compilation'} failed: ${error.message}`
    throw error
  }
}

/** Conditions that were found to be right. */
export function matchConditions(expressions: readonly string[], { name, clock, metrics }: MatchConditionDeps): MatchConditions {
  const programs: [string, CelProgram][] = expressions.map((expression) => [expression, environment.compile(expression)])
  const evaluate = (spec: SubjectAccessReviewSpec): ReturnType<MatchConditions> => {
    const errors: string[] = []
    const variables = { request: shown(spec) }
    for (const [expression, program] of programs) {
      try {
        if (program.evaluate(variables, { ...unlimited }) === true) continue
        metrics?.conditionsExcluded(name)
        return { matches: false }
      } catch (error) {
        errors.push(`cel evaluation error: expression '${expression}' resulted in error: ${messageOf(error)}`)
      }
    }
    if (errors.length === 0) return { matches: true }
    metrics?.conditionsFailed(name)
    return { matches: false, error: errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]` }
  }
  return (spec) => {
    const start = clock.monotonic()
    try {
      return evaluate(spec)
    } finally {
      metrics?.conditionsEvaluated(name, (clock.monotonic() - start) / 1000)
    }
  }
}

/** Texts and lists are there for an expression even where they are empty. */
function shown({ user = '', groups = [], uid = '', extra = {}, resourceAttributes: about, nonResourceAttributes: path }: SubjectAccessReviewSpec): object {
  const { namespace = '', verb = '', group = '', version = '', resource = '', subresource = '', name = '', fieldSelector, labelSelector } = about ?? {}
  return {
    user, groups, uid, extra,
    ...(about ? { resourceAttributes: { namespace, verb, group, version, resource, subresource, name, ...(fieldSelector ? { fieldSelector } : {}), ...(labelSelector ? { labelSelector } : {}) } } : {}),
    ...(path ? { nonResourceAttributes: { path: path.path ?? '', verb: path.verb ?? '' } } : {}),
  }
}
