import { additionalOf, itemsOf, type JsonSchema } from '#apimachinery/schema/json-schema'
import type { CustomResourceDefinition } from './types'

/** Rules in CEL are kept but not asked: whoever writes them is told. */
export function unjudgedRules({ spec }: CustomResourceDefinition): string[] {
  return spec.versions.filter(({ schema }) => schema?.openAPIV3Schema && hasRules(schema.openAPIV3Schema as JsonSchema))
    .map(({ name }) => `spec.versions[${name}]: x-kubernetes-validations are not evaluated by this server yet`)
}

function hasRules(schema: JsonSchema): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true
  const below = [itemsOf(schema), additionalOf(schema), ...Object.values(schema.properties ?? {})]
  return below.some((one) => one !== undefined && hasRules(one))
}
