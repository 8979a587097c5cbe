import { ApiError, badRequest } from '#apimachinery/api-error'
import { goJsonKind, goValue } from './go-format'
import { isObject, kindOf } from './json-kind'

const maxOperations = 10_000
type Container = Record<string, unknown> | unknown[]

/** An operation does not apply: 422. The API does not say why; the reason is the error's cause, for logs. */
function rejected(why: string): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {}, { cause: new Error(why) })
}

/**
 * Applies RFC 6902 operations as kube-apiserver does: a `replace` of a field that is not there sets it, negative indices
 * count from the end, a `test` for null passes on a missing field.
 *
 * `patch` is the decoded body. Throws `ApiError`: 400 where it is not a list of operations, 413 beyond 10,000 operations,
 * 422 where an operation does not apply.
 */
export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (patch === null) return document
  if (!Array.isArray(patch)) throw undecodable(goJsonKind(patch), '[]handlers.jsonPatchOp')
  for (const operation of patch) checkShape(operation)
  if (patch.length > maxOperations) {
    throw new ApiError(413, 'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  }
  const draft = new Draft(document)
  for (const operation of patch) run(draft, operation ?? {})
  return draft.root
}

/** What `fieldValidation` warns of, or refuses when it is strict: fields that no operation has. */
export function jsonPatchStrictErrors(patch: unknown): string[] {
  const errors: string[] = []
  if (!Array.isArray(patch)) return errors
  patch.forEach((operation, index) => {
    if (!isObject(operation)) return
    for (const field of Object.keys(operation)) {
      if (!['op', 'path', 'from', 'value'].includes(field)) errors.push(`json patch unknown field "[${index}].${field}"`)
    }
  })
  return errors
}

const undecodable = (kind: string, type: string): ApiError =>
  badRequest(`error decoding patch: json: cannot unmarshal ${kind} into Go value of type ${type}`)

function checkShape(operation: unknown): void {
  if (operation === null) return
  if (!isObject(operation)) throw undecodable(goJsonKind(operation), 'handlers.jsonPatchOp')
  for (const field of ['op', 'path', 'from']) {
    const value = operation[field]
    if (value === undefined || value === null || typeof value === 'string') continue
    throw badRequest(`error decoding patch: json: cannot unmarshal ${goJsonKind(value)} into Go struct field jsonPatchOp.${field} of type string`)
  }
}

/** A document that is copied along the paths that change, and nowhere else. */
class Draft {
  root: unknown
  private own = new Set<object>()

  constructor(root: unknown) {
    this.root = root
  }

  /** What holds the last part of a path, and that part; `undefined` where the way to it is missing. */
  find(path: string, forWriting: boolean): { container: Container; key: string } | undefined {
    const parts = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    // What stands before the first slash is not looked at, as in the original.
    if (parts.length < 2) return undefined
    if (forWriting) this.root = this.owned(this.root)
    let container = this.root
    for (const part of parts.slice(1, -1)) {
      if (!isContainer(container)) return undefined
      const index = Array.isArray(container) ? existing(container, part) : part
      if (index === undefined) return undefined
      const next = get(container, index)
      if (!isContainer(next)) return undefined
      container = forWriting ? put(container, index, this.owned(next)) : next
    }
    return isContainer(container) ? { container, key: parts.at(-1)! } : undefined
  }

  /** After a value came to stand in two places, neither may be changed through the other. */
  disown(): void {
    this.own = new Set()
  }

  private owned(value: unknown): unknown {
    if (!isContainer(value) || this.own.has(value)) return value
    const copy = Array.isArray(value) ? [...value] : { ...value }
    this.own.add(copy)
    return copy
  }
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null
const hasKey = (object: object, key: string): boolean => Object.hasOwn(object, key)

function get(container: Container, key: string | number): unknown {
  return Array.isArray(container) ? container[key as number] : hasKey(container, key as string) ? container[key] : undefined
}
function put<T>(container: Container, key: string | number, value: T): T {
  if (Array.isArray(container)) container[key as number] = value
  // A field named __proto__ is a field like any other.
  else Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
  return value
}

function indexOf(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined
}
/** The place of an item that is there. */
function existing(list: unknown[], text: string): number | undefined {
  const index = indexOf(text)
  if (index === undefined || index >= list.length || index < -list.length) return undefined
  return index < 0 ? index + list.length : index
}

function run(draft: Draft, operation: Record<string, unknown>): void {
  switch (operation.op) {
    case 'add':
      return add(draft, pathOf(operation, 'path'), operation.value ?? null)
    case 'remove':
      return remove(draft, pathOf(operation, 'path'))
    case 'replace':
      return replace(draft, pathOf(operation, 'path'), operation.value ?? null)
    case 'move': {
      const from = pathOf(operation, 'from')
      const value = read(draft, from)
      remove(draft, from)
      return add(draft, pathOf(operation, 'path'), value ?? null)
    }
    case 'copy': {
      const value = read(draft, pathOf(operation, 'from'))
      add(draft, pathOf(operation, 'path'), value ?? null)
      return draft.disown()
    }
    case 'test':
      return test(draft, pathOf(operation, 'path'), operation.value)
    default:
      throw rejected(`Unexpected kind: ${goValue(operation.op ?? 'unknown')}`)
  }
}

function pathOf(operation: Record<string, unknown>, field: 'path' | 'from'): string {
  const path = operation[field]
  if (typeof path !== 'string') throw rejected(`${goValue(operation.op)} operation failed to decode ${field}`)
  return path
}

function locate(draft: Draft, path: string, forWriting: boolean): { container: Container; key: string } {
  const found = draft.find(path, forWriting)
  if (!found) throw rejected(`operation does not apply: doc is missing path: ${JSON.stringify(path)}`)
  return found
}

/** `undefined` for a field that is not there. */
function read(draft: Draft, path: string): unknown {
  const { container, key } = locate(draft, path, false)
  if (!Array.isArray(container)) return get(container, key)
  const index = existing(container, key)
  if (index === undefined) throw rejected(`Unable to access invalid index: ${key}`)
  return container[index]
}

function add(draft: Draft, path: string, value: unknown): void {
  const { container, key } = locate(draft, path, true)
  if (!Array.isArray(container)) {
    put(container, key, value)
    return
  }
  if (key === '-') {
    container.push(value)
    return
  }
  const index = indexOf(key)
  const slots = container.length + 1
  if (index === undefined || index >= slots || index < -slots) throw rejected(`Unable to access invalid index: ${key}`)
  container.splice(index < 0 ? index + slots : index, 0, value)
}

function remove(draft: Draft, path: string): void {
  const { container, key } = locate(draft, path, true)
  if (!Array.isArray(container)) {
    if (!hasKey(container, key)) throw rejected(`Unable to remove nonexistent key: ${key}`)
    delete container[key]
    return
  }
  const index = existing(container, key)
  if (index === undefined) throw rejected(`Unable to access invalid index: ${key}`)
  container.splice(index, 1)
}

function replace(draft: Draft, path: string, value: unknown): void {
  if (path === '') {
    if (!isContainer(value)) throw rejected('replace operation value must be object or array')
    draft.root = value
    return
  }
  const { container, key } = locate(draft, path, true)
  if (!Array.isArray(container)) {
    put(container, key, value)
    return
  }
  const index = existing(container, key)
  if (index === undefined) throw rejected(`replace operation does not apply: doc is missing key: ${path}`)
  container[index] = value
}

function test(draft: Draft, path: string, expected: unknown): void {
  const actual = path === '' ? draft.root : read(draft, path)
  if (!sameJson(actual ?? null, expected ?? null)) throw rejected(`testing value ${path} failed`)
}

/** Deep equality of decoded JSON; the order of fields does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  const kind = kindOf(a)
  if (kind !== kindOf(b)) return false
  if (kind === 'null') return true
  if (kind === 'list') {
    const [left, right] = [a as unknown[], b as unknown[]]
    if (left.length !== right.length) return false
    for (let i = 0; i < left.length; i++) if (!sameJson(left[i], right[i])) return false
    return true
  }
  if (kind !== 'object') return false
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  let count = 0
  for (const key in left) {
    if (!hasKey(right, key) || !sameJson(left[key], right[key])) return false
    count++
  }
  return count === Object.keys(right).length
}
