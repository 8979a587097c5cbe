import { itemsOf, type JsonSchema } from '../json-schema'
import { sameJson } from './same-json'
import type { Problem } from './report'

/** Of an update, what was wrong before and was not touched since is let be: the definition may have become stricter meanwhile. */
export function newProblems(problems: readonly Problem[], schema: JsonSchema, value: unknown, old: unknown): readonly Problem[] {
  return problems.filter(({ owner }) => {
    let [here, now, then]: [JsonSchema | undefined, unknown, unknown] = [schema, value, old]
    for (const segment of owner) {
      if (sameJson(now, then)) return false
      if (typeof now !== 'object' || now === null || typeof then !== 'object' || then === null) return true
      if (typeof segment === 'number') {
        const item: unknown = (now as unknown[])[segment]
        then = oldItem(here, item, then)
        now = item
        here = here && itemsOf(here)
      } else {
        now = (now as Record<string, unknown>)[segment]
        then = (then as Record<string, unknown>)[segment]
        here = here?.properties?.[segment] ?? (typeof here?.additionalProperties === 'object' ? here.additionalProperties : undefined)
      }
      // What is in lists without keys cannot be told apart.
      if (then === undefined) return true
    }
    return !sameJson(now, then)
  })
}

function oldItem(schema: JsonSchema | undefined, item: unknown, old: unknown): unknown {
  if (schema?.['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old) || typeof item !== 'object' || item === null) return undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  return old.find((one: unknown) => typeof one === 'object' && one !== null
    && keys.every((key) => (one as Record<string, unknown>)[key] === (item as Record<string, unknown>)[key]))
}
