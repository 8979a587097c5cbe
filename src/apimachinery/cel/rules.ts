import { additionalOf, itemsOf, type JsonSchema } from '../schema/json-schema'
import type { Report } from '../schema/validation/report'
import type { CelBudget } from './contract'
import { requestBudget } from './environment'
import { ListKeys } from './list-keys'
import { compileOwnRules } from './rule-compiler'
import { judgeOwn, type Judged, type Judgement } from './rule-judgement'

/**
 * Judges a value by the rules of its schema. `old` is the value before an update; undefined on creation, and where there was none.
 * What breaks a rule as it did before the update is told to `warn`, and is no problem.
 */
export type RuleCheck = (value: unknown, old: unknown, report: Report, warn?: (text: string) => void, budget?: CelBudget) => void

/** Undefined where neither the schema nor anything below it has rules. `root`: whether it is of a resource. */
export function compileRules(schema: JsonSchema, root = true): RuleCheck | undefined {
  const judge = compileNode(schema, root)
  return judge && ((value, old, report, warn = () => {}, budget = { left: requestBudget }) => {
    const judgement: Judgement = { report, warn, budget, path: [], stopped: false }
    judge(value, old, old === undefined || old === null ? undefined : { value, old }, judgement)
  })
}

type Node = (value: unknown, old: unknown, judged: Judged | undefined, judgement: Judgement) => void

function compileNode(schema: JsonSchema, root: boolean): Node | undefined {
  const own = compileOwnRules(schema, root).rules
  const properties = new Map<string, Node>()
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const node = compileNode(property, property['x-kubernetes-embedded-resource'] ?? false)
    if (node) properties.set(name, node)
  }
  const additional = additionalOf(schema)
  const other = additional && compileNode(additional, additional['x-kubernetes-embedded-resource'] ?? false)
  const items = itemsOf(schema)
  const item = items && compileNode(items, items['x-kubernetes-embedded-resource'] ?? false)
  if (own.length === 0 && properties.size === 0 && !other && !item) return undefined
  return (value, old, judged, judgement) => {
    if (value === null || value === undefined || judgement.stopped) return
    judgeOwn(own, schema.type ?? '', value, old, judged, judgement)
    if (typeof value !== 'object') return
    if (Array.isArray(value)) {
      if (item) judgeItems(schema, item, value, old, judged, judgement)
      return
    }
    const [object, before] = [value as Record<string, unknown>, plainObject(old)]
    for (const name in object) {
      const node = properties.get(name) ?? other
      if (!node) continue
      judgement.path.push(properties.has(name) ? name : { key: name })
      node(object[name], before[name], fieldOf(judged, name, object[name]), judgement)
      judgement.path.pop()
      if (judgement.stopped) return
    }
  }
}

const plainObject = (value: unknown): Readonly<Record<string, unknown>> =>
  (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {})

/** Both versions of an object are read as one version: that is no change of theirs. */
function fieldOf(judged: Judged | undefined, name: string, value: unknown): Judged | undefined {
  if (!judged || !('old' in judged)) return judged
  if (judged.parent === undefined && (name === 'apiVersion' || name === 'kind')) return undefined
  const before = plainObject(judged.old)
  return Object.hasOwn(before, name) ? { value, old: before[name], parent: judged } : { parent: judged }
}

/** Only items of lists with keys can be told apart. */
function judgeItems(schema: JsonSchema, item: Node, list: readonly unknown[], old: unknown, judged: Judged | undefined, judgement: Judgement): void {
  const before = schema['x-kubernetes-list-type'] === 'map' && Array.isArray(old) ? new ListKeys(schema['x-kubernetes-list-map-keys'] ?? [], old) : undefined
  for (let i = 0; i < list.length; i++) {
    const earlier = before?.find(list[i])
    const here: Judged | undefined = !judged || !('old' in judged) ? judged : earlier === undefined ? { parent: judged } : { value: list[i], old: earlier, parent: judged }
    judgement.path.push(i)
    item(list[i], earlier, here, judgement)
    judgement.path.pop()
    if (judgement.stopped) return
  }
}
