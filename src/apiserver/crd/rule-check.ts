import { internalRule } from '#api/apiextensions/v1/internal-form'
import { faultsOf } from '#api/apiextensions/v1/schema-validation'
import type { CustomResourceDefinition } from '#api/apiextensions/v1/types'
import type { CompiledRules } from '#apimachinery/cel/rule-compiler'
import type { FieldErrors } from '#apimachinery/field-errors'
import { additionalOf, hasRules, itemsOf, type CelRule, type JsonSchema } from '#apimachinery/schema/json-schema'
import { sameJson } from '#apimachinery/schema/validation/same-json'
import type { WriteRequest } from '../registry/write'
import { CostTotal, costMessage, expressionLimit } from './rule-costs'

type OwnRules = (schema: JsonSchema, root: boolean) => CompiledRules

/** Rules that cannot be compiled, or may cost too much, are refused when they are written. Here, and not in the kind's validation, since the compiler is loaded for it. */
export function checkRules(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined, request: WriteRequest, errors: FieldErrors): void | Promise<void> {
  if (request.subresource !== '') return
  const schemas = schemasOf(definition)
  if (!schemas.some((schema) => schema && hasRules(schema)) ) return
  return import('#apimachinery/cel/rule-compiler').then(({ compileOwnRules }) => {
    const before = old ? schemasOf(old) : []
    const names = definition.spec.versions.map(({ name }) => name)
    const earlier = (name: string): JsonSchema | undefined => before[old?.spec.versions.findIndex((version) => version.name === name) ?? -1]
    const [first] = schemas
    if (first && schemas.every((schema) => schema && sameJson(schema, first))) {
      checkSchema(first, names.every((name) => sameJson(earlier(name), first)), errors.at('spec', 'validation', 'openAPIV3Schema'), compileOwnRules)
      return
    }
    for (const [i, schema] of schemas.entries()) {
      if (schema) checkSchema(schema, sameJson(earlier(names[i]!), schema), errors.at('spec', 'versions', i, 'schema', 'openAPIV3Schema'), compileOwnRules)
    }
  })
}

const schemasOf = ({ spec }: CustomResourceDefinition): (JsonSchema | undefined)[] => (spec.versions ?? []).map(({ schema }) => schema?.openAPIV3Schema as JsonSchema | undefined)

/** Where a schema is in the tree: how often its values can be, and what keeps them from being told apart after an update. */
interface Place {
  readonly root: boolean
  readonly cardinality: number | undefined
  readonly uncorrelatable: string | undefined
}

/** `unchanged`: what was let in before is not refused for what a single expression may cost. */
function checkSchema(schema: JsonSchema, unchanged: boolean, errors: FieldErrors, compileOwnRules: OwnRules): void {
  if (!hasRules(schema)) return
  // What is wrong with a schema is to be mended first: expressions over it mean nothing. The kind's validation, which comes later, tells it.
  const faults = faultsOf(schema)
  if (!faults) return
  const atRoot = errors.path.length
  const isSound = ({ path }: FieldErrors): boolean => faults.length === 0 || !faults.some((fault) => fault.startsWith(path.slice(atRoot + 1)))
  const total = new CostTotal()
  const visit = (one: JsonSchema, here: FieldErrors, place: Place): void => {
    if (!hasRules(one)) return
    const below = cardinalityBelow(one, place.cardinality)
    const additional = additionalOf(one)
    if (additional) visit(additional, here.at('additionalProperties'), { root: isEmbedded(additional), cardinality: below, uncorrelatable: place.uncorrelatable })
    for (const [name, property] of Object.entries(one.properties ?? {})) {
      visit(property, here.at('properties').key(name), { root: isEmbedded(property), cardinality: below, uncorrelatable: place.uncorrelatable })
    }
    const items = itemsOf(one)
    if (items) {
      const apart = one['x-kubernetes-list-type'] === 'map'
      visit(items, here.at('items'), { root: isEmbedded(items), cardinality: below, uncorrelatable: place.uncorrelatable ?? (apart ? undefined : here.path) })
    }
    if (isSound(here)) checkOwn(one, here, place)
  }
  const checkOwn = (one: JsonSchema, here: FieldErrors, { root, cardinality, uncorrelatable }: Place): void => {
    const { rules, maxCardinality } = compileOwnRules(one, root)
    for (const [i, { rule, program, fault, usesOldSelf, message, messageFault }] of rules.entries()) {
      const at = here.at('x-kubernetes-validations', i)
      const judgeCost = (field: string, what: string, cost: number): void => {
        if (!unchanged && cost > expressionLimit) at.at(field).forbidden(costMessage(what, cost, expressionLimit))
        total.observe(at.at(field), cost)
      }
      judgeCost('rule', 'estimated rule cost', (program?.worstCost ?? 0) * (cardinality ?? maxCardinality))
      if (fault !== undefined) refuse(at.at('rule'), rule, fault)
      if (messageFault !== undefined) refuse(at.at('messageExpression'), rule, messageFault)
      else if (message) judgeCost('messageExpression', 'estimated messageExpression cost', message.worstCost)
      if (usesOldSelf) {
        if (uncorrelatable !== undefined) at.at('rule').invalid(rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`)
      } else if (rule.optionalOldSelf !== undefined) at.at('optionalOldSelf').invalid(rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule')
    }
  }
  visit(schema, errors, { root: true, cardinality: 1, uncorrelatable: undefined })
  total.judge(errors)
}

const isEmbedded = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] ?? false

/** Undefined where nothing limits it. */
function cardinalityBelow(schema: JsonSchema, cardinality: number | undefined): number | undefined {
  const most = schema.type === 'array' ? schema.maxItems : schema.type === 'object' && schema.additionalProperties !== undefined ? schema.maxProperties : 1
  return cardinality === undefined || most === undefined ? undefined : cardinality * Math.max(most, 0)
}

/** The original shows the rule in its internal form, as Go writes JSON. */
function refuse(errors: FieldErrors, rule: CelRule, fault: string): void {
  const escaped = JSON.stringify(internalRule(rule)).replaceAll(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
  errors.all.push({ type: 'FieldValueInvalid', field: errors.path, message: `Invalid value: ${escaped}: ${fault}` })
}
