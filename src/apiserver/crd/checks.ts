import type { CustomResourceDefinitionVersion, CustomResourceSubresourceScale } from '#api/apiextensions/v1/types'
import type { FieldErrors } from '#apimachinery/field-errors'
import type { Unstructured } from '#apimachinery/object'
import type { WriteContext } from '#apimachinery/resource'
import type { RuleCheck } from '#apimachinery/cel/rules'
import { hasRules, type JsonSchema } from '#apimachinery/schema/json-schema'
import { compileListCheck } from '#apimachinery/schema/validation/lists'
import { newProblems } from '#apimachinery/schema/validation/ratchet'
import { Report, type Problem } from '#apimachinery/schema/validation/report'
import { compileCheck, type Check } from '#apimachinery/schema/validation/validator'
import { goType, goValue } from '#apimachinery/patch/go-format'
import { compileEmbedded } from './embedded'

export interface Checks {
  /** Rules in CEL are compiled by a library that is loaded for them: to be awaited before anything is judged. */
  prepare(): Promise<void>
  create(object: Unstructured, errors: FieldErrors): void
  update(object: Unstructured, old: Unstructured, errors: FieldErrors, context?: Warned): void
  /** Of the status endpoint: the rest is as it was. */
  status(object: Unstructured, old: Unstructured, errors: FieldErrors, context?: Warned): void
}

/** Rules that were broken before an update are told in warnings. */
type Warned = WriteContext & { readonly warn?: (text: string) => void }

/** The validation of one version, compiled when it is first needed. */
export function checksOf(version: CustomResourceDefinitionVersion): Checks {
  const schema = (version.schema?.openAPIV3Schema ?? {}) as JsonSchema
  const scale = version.subresources?.scale
  let compiled: { value: Check; status: Check; lists: Check | undefined; embedded: ReturnType<typeof compileEmbedded> } | undefined
  const checks = (): NonNullable<typeof compiled> =>
    (compiled ??= { value: compileCheck(schema), status: compileCheck(schema.properties?.['status'] ?? {}), lists: compileListCheck(schema), embedded: compileEmbedded(schema) })
  const ruled = hasRules(schema)
  let rules: RuleCheck | undefined
  const judge = (object: Unstructured, old: Unstructured | undefined, errors: FieldErrors, warn?: (text: string) => void): void => {
    if (!ruled) return
    if (!rules) throw new Error('rules are judged before they were prepared')
    if (errors.all.some(({ type }) => blocking.has(type))) {
      errors.all.push({
        type: 'FieldValueInvalid', field: '<nil>',
        message: 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      })
      return
    }
    const report = new Report()
    rules(object, old, report, warn)
    tell(report.problems, errors)
  }
  return {
    async prepare() {
      if (ruled) rules ??= (await import('#apimachinery/cel/rules')).compileRules(schema)
    },
    create(object, errors) {
      const { value, lists, embedded } = checks()
      tell(problemsOf(value, object), errors)
      if (scale) checkScale(scale, object, errors, true)
      embedded?.(object, errors)
      if (lists) tell(problemsOf(lists, object), errors)
      judge(object, undefined, errors)
    },
    update(object, old, errors, context) {
      const { value, lists, embedded } = checks()
      tell(newProblems(problemsOf(value, object), schema, object, old), errors)
      if (scale) checkScale(scale, object, errors, true)
      embedded?.(object, errors)
      if (lists && problemsOf(lists, old).length === 0) tell(problemsOf(lists, object), errors)
      judge(object, old, errors, context?.warn)
    },
    status(object, old, errors, context) {
      const { status, lists } = checks()
      if (object.status !== undefined) {
        const report = new Report()
        status(object.status, report)
        tell(newProblems(report.problems.map(ofStatus), schema, object, old), errors)
      }
      if (scale) checkScale(scale, object, errors, false)
      if (lists && problemsOf(lists, old).length === 0) tell(problemsOf(lists, object), errors)
      judge(object, old, errors, context?.warn)
    },
  }
}

/** Messages name fields from the status on, and the field itself from the object on. */
const ofStatus = (problem: Problem): Problem => ({ ...problem, field: problem.field === '<nil>' ? 'status' : `status.${problem.field}`, owner: ['status', ...problem.owner] })

/** With one of these, rules would be asked about a value that is not what they think. */
const blocking = new Set(['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid'])

function problemsOf(check: Check, object: Unstructured): readonly Problem[] {
  const report = new Report()
  check(object, report)
  return report.problems
}

function tell(problems: readonly Problem[], errors: FieldErrors): void {
  for (const { type, field, message } of problems) errors.all.push({ type, field, message })
}

const largest = 2 ** 31 - 1

function checkScale(scale: CustomResourceSubresourceScale, object: Unstructured, errors: FieldErrors, withSpec: boolean): void {
  if (withSpec) checkReplicas(scale.specReplicasPath, object, errors)
  checkReplicas(scale.statusReplicasPath, object, errors)
  const path = scale.labelSelectorPath
  if (!path) return
  const selector = at(object, path)
  if (selector !== undefined && typeof selector !== 'string') errors.at(path).invalid('', accessor(path, selector, 'string'))
}

function checkReplicas(path: string, object: Unstructured, errors: FieldErrors): void {
  const strange = stranger(object, path)
  if (strange !== undefined) return errors.at(path).invalid(0, accessor(path, strange, 'map[string]interface{}'))
  const value = at(object, path)
  if (value === undefined) return
  if (typeof value !== 'number') errors.at(path).invalid(0, accessor(path, value, 'int64'))
  else if (value < 0) errors.at(path).invalid(value, 'should be a non-negative integer')
  else if (value > largest) errors.at(path).invalid(value, `should be less than or equal to ${largest}`)
}

const accessor = (path: string, value: unknown, wanted: string): string => `${path} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected ${wanted}`

/** What stands on a path where an object should. */
function stranger(object: unknown, path: string): unknown {
  for (const segment of path.replace(/^\./, '').split('.').slice(0, -1)) {
    object = (object as Record<string, unknown>)[segment]
    if (object === undefined || object === null) return undefined
    if (typeof object !== 'object' || Array.isArray(object)) return object
  }
  return undefined
}

function at(object: unknown, path: string): unknown {
  for (const segment of path.replace(/^\./, '').split('.')) object = typeof object === 'object' && object !== null ? (object as Record<string, unknown>)[segment] : undefined
  return object ?? undefined
}
