import type { CustomResourceDefinition } from '#api/apiextensions/v1/types'
import { invalid } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import { additionalOf, hasRules, itemsOf, type JsonSchema } from '#apimachinery/schema/json-schema'

/** Rules that cannot be compiled are refused when they are written. Here, and not in the kind's validation, since the compiler is loaded for it. */
export function checkRules(definition: CustomResourceDefinition): undefined | Promise<undefined> {
  const schemas = (definition.spec.versions ?? []).map(({ schema }) => schema?.openAPIV3Schema as JsonSchema | undefined)
  if (!schemas.some((schema) => schema && hasRules(schema))) return undefined
  return compileAll(definition, schemas)
}

async function compileAll(definition: CustomResourceDefinition, schemas: readonly (JsonSchema | undefined)[]): Promise<undefined> {
  const { ruleProblem } = await import('#apimachinery/cel/rules')
  const errors = new FieldErrors()
  const visit = (schema: JsonSchema, here: FieldErrors): void => {
    for (const [i, { rule, messageExpression }] of (schema['x-kubernetes-validations'] ?? []).entries()) {
      for (const [field, text] of [['rule', rule], ['messageExpression', messageExpression]] as const) {
        const problem = text ? ruleProblem(text) : undefined
        if (problem) here.at('x-kubernetes-validations', i, field).invalid(text, `compilation failed: ${problem}`)
      }
    }
    const items = itemsOf(schema)
    if (items) visit(items, here.at('items'))
    const additional = additionalOf(schema)
    if (additional) visit(additional, here.at('additionalProperties'))
    for (const [name, property] of Object.entries(schema.properties ?? {})) visit(property, here.at('properties').key(name))
  }
  for (const [i, schema] of schemas.entries()) if (schema) visit(schema, errors.at('spec', 'versions', i, 'schema', 'openAPIV3Schema'))
  if (errors.any) throw invalid({ group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' }, definition.metadata.name, errors.all)
  return undefined
}
