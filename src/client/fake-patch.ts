import { badRequest } from '#apimachinery/api-error'
import { clone, sameData } from '#base/clone'

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return clone(patch)
  const result: Fields = isFields(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

/** The merge keys of the lists that controllers patch; other lists are replaced. */
const mergeKeys: Readonly<Record<string, string>> = { ownerReferences: 'uid', conditions: 'type', containers: 'name', taints: 'key', addresses: 'type' }

/** As much of strategic merge patches as controllers use: keyed lists, `$patch: delete`, `finalizers` as a set. */
export function strategicPatch(target: unknown, patch: unknown, field = ''): unknown {
  if (Array.isArray(patch)) return mergeList(Array.isArray(target) ? (target as unknown[]) : [], patch as unknown[], field)
  if (!isFields(patch)) return clone(patch)
  const result: Fields = isFields(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const list = key.slice(key.indexOf('/') + 1)
      result[list] = ((result[list] as unknown[] | undefined) ?? []).filter((item) => !(value as unknown[]).includes(item))
    } else if (key.startsWith('$setElementOrder/') || key === '$patch' || key === '$retainKeys') continue
    else if (value === null) delete result[key]
    else result[key] = strategicPatch(result[key], value, key)
  }
  return result
}

function mergeList(target: unknown[], patch: unknown[], field: string): unknown[] {
  if (field === 'finalizers') return [...new Set([...target, ...patch])]
  const key = mergeKeys[field]
  if (!key) return clone(patch)
  const result = [...target] as Fields[]
  for (const item of patch as Fields[]) {
    const at = result.findIndex((there) => there[key] === item[key])
    if (item['$patch'] === 'delete') {
      if (at >= 0) result.splice(at, 1)
    } else if (at >= 0) result[at] = strategicPatch(result[at], item) as Fields
    else result.push(clone(item))
  }
  return result
}

interface Operation { op: string; path: string; value?: unknown }

/** RFC 6902 without `move` and `copy`. */
export function jsonPatch(target: unknown, operations: readonly Operation[]): unknown {
  const root = { root: clone(target) } as Fields
  for (const { op, path, value } of operations) {
    const segments = ['root', ...path.split('/').slice(1).map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'))]
    const last = segments.pop()!
    let parent: unknown = root
    for (const segment of segments) parent = (parent as Fields | undefined)?.[segment]
    if (typeof parent !== 'object' || parent === null) throw badRequest(`the path ${path} is not there`)
    const at = Array.isArray(parent) && last === '-' ? parent.length : last
    const there = (parent as Fields)[at]
    if (op === 'test') {
      if (!sameData(there, value)) throw badRequest(`testing path ${path} failed`)
    } else if (op === 'add' && Array.isArray(parent)) parent.splice(Number(at), 0, clone(value))
    else if (op === 'add' || op === 'replace') (parent as Fields)[at] = clone(value)
    else if (op === 'remove' && Array.isArray(parent)) parent.splice(Number(at), 1)
    else if (op === 'remove') delete (parent as Fields)[at]
    else throw badRequest(`the fake API does not know the operation ${op}`)
  }
  return root['root']
}
