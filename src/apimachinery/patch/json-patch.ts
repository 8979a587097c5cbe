import { ApiError, badRequest } from '#apimachinery/api-error'
import { goJsonKind, goValue } from './go-format'
import { isObject, kindOf } from './json-kind'

const maxOperations = 10_000
type Container = Record<string, unknown> | unknown[]

/** An operation does not apply: 422. The API does not say why; the reason is the error's cause, for logs. */
function rejected(why: string | Error): ApiError {
  return new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {}, { cause: typeof why === 'string' ? new Error(why) : why })
}

/** The cause where a `test` found something else: callers for whom that is no error look for it. */
export class PatchTestFailed extends Error {}

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
    case 'add': {
      const path = pathOf(operation, 'path')
      return add(draft, path, operation.value ?? null, addWords(path))
    }
    case 'remove': {
      const path = pathOf(operation, 'path')
      return remove(draft, path, { missing: `remove operation does not apply: doc is missing path: "${path}"`, failed: `error in remove for path: '${path}'` })
    }
    case 'replace':
      return replace(draft, pathOf(operation, 'path'), operation.value ?? null)
    case 'move':
      return move(draft, operation)
    case 'copy':
      return copy(draft, operation)
    case 'test':
      return test(draft, pathOf(operation, 'path'), operation.value)
    default:
      throw rejected(`Unexpected kind: ${goValue(operation.op ?? 'unknown')}`)
  }
}

/** How an operation says that the way to a place is missing, and what it says before why the place itself is none. */
interface Words {
  readonly missing: string
  readonly failed: string
}

const addWords = (path: string): Words => ({ missing: `add operation does not apply: doc is missing path: "${path}"`, failed: `error in add for path: '${path}'` })

function pathOf(operation: Record<string, unknown>, field: 'path' | 'from'): string {
  const path = operation[field]
  if (typeof path !== 'string') throw rejected(`${goValue(operation.op)} operation failed to decode ${field}: missing value`)
  return path
}

function locate(draft: Draft, path: string, forWriting: boolean, missing: string): { container: Container; key: string } {
  const found = draft.find(path, forWriting)
  if (!found) throw rejected(`${missing}: missing value`)
  return found
}

const noNumber = (text: string): string => `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
const invalidIndex = (index: number): string => `Unable to access invalid index: ${index}: invalid index referenced`

function notThere(text: string): string {
  const index = indexOf(text)
  return index === undefined ? noNumber(text) : invalidIndex(index)
}

/** `undefined` for a field that is not there. */
function read(draft: Draft, path: string, { missing, failed }: Words): unknown {
  const { container, key } = locate(draft, path, false, missing)
  if (!Array.isArray(container)) return get(container, key)
  const index = existing(container, key)
  if (index === undefined) throw rejected(`${failed}: ${notThere(key)}`)
  return container[index]
}

function add(draft: Draft, path: string, value: unknown, { missing, failed }: Words): void {
  const { container, key } = locate(draft, path, true, missing)
  if (!Array.isArray(container)) {
    put(container, key, value)
    return
  }
  if (key === '-') {
    container.push(value)
    return
  }
  const index = indexOf(key)
  if (index === undefined) throw rejected(`${failed}: value was not a proper array index: '${key}': ${noNumber(key)}`)
  const slots = container.length + 1
  if (index >= slots || index < -slots) throw rejected(`${failed}: ${invalidIndex(index)}`)
  container.splice(index < 0 ? index + slots : index, 0, value)
}

function remove(draft: Draft, path: string, { missing, failed }: Words): void {
  const { container, key } = locate(draft, path, true, missing)
  if (!Array.isArray(container)) {
    if (!hasKey(container, key)) throw rejected(`${failed}: Unable to remove nonexistent key: ${key}: missing value`)
    delete container[key]
    return
  }
  const index = existing(container, key)
  if (index === undefined) throw rejected(`${failed}: ${notThere(key)}`)
  container.splice(index, 1)
}

function replace(draft: Draft, path: string, value: unknown): void {
  if (path === '') {
    if (!isContainer(value)) throw rejected('replace operation value must be object or array')
    draft.root = value
    return
  }
  const { container, key } = locate(draft, path, true, `replace operation does not apply: doc is missing path: ${path}`)
  if (!Array.isArray(container)) {
    put(container, key, value)
    return
  }
  const index = existing(container, key)
  if (index === undefined) throw rejected(`replace operation does not apply: doc is missing key: ${path}: missing value`)
  container[index] = value
}

function move(draft: Draft, operation: Record<string, unknown>): void {
  const from = pathOf(operation, 'from')
  const words: Words = { missing: `move operation does not apply: doc is missing from path: ${from}`, failed: `error in move for path: '${from.slice(from.lastIndexOf('/') + 1)}'` }
  const value = read(draft, from, words)
  remove(draft, from, words)
  const path = pathOf(operation, 'path')
  add(draft, path, value ?? null, { missing: `move operation does not apply: doc is missing destination path: ${path}`, failed: `error in move for path: '${path}'` })
}

function copy(draft: Draft, operation: Record<string, unknown>): void {
  const from = pathOf(operation, 'from')
  const value = read(draft, from, { missing: `copy operation does not apply: doc is missing from path: ${from}`, failed: `error in copy for from: '${from}'` })
  const path = pathOf(operation, 'path')
  add(draft, path, value ?? null, { missing: `copy operation does not apply: doc is missing destination path: ${path}`, failed: 'error while adding value during copy' })
  draft.disown()
}

function test(draft: Draft, path: string, expected: unknown): void {
  const actual = path === '' ? draft.root : read(draft, path, { missing: `test operation does not apply: is missing path: ${path}`, failed: `error in test for path: '${path}'` })
  if (!sameJson(actual ?? null, expected ?? null)) throw rejected(new PatchTestFailed(`testing value ${path} failed: test failed`))
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
