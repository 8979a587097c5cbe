import { isObject } from '#apimachinery/patch/json-kind'
import { messageOf } from '#base/error-message'
import type { ManagedFieldsText } from './contract'
import { isEmpty, readFieldSet, union, type FieldSet } from './field-set'
import { fieldsOf, textOf } from './field-text'

export interface Entry {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string | undefined
  readonly fields: FieldSet
}

/** Whoever writes with the same identity adds to the same entry; an applier's may move on to another version. */
export function identityOf(entry: Pick<Entry, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  const { manager, operation, apiVersion, subresource } = entry
  return JSON.stringify({ manager, operation, apiVersion: operation === 'Apply' ? undefined : apiVersion, subresource: subresource || undefined })
}

/** The same without the text, for each entry of each write. */
export function isSameWriter(a: Entry, b: Entry): boolean {
  return a.manager === b.manager && a.operation === b.operation && a.subresource === b.subresource && (a.operation === 'Apply' || a.apiVersion === b.apiVersion)
}

interface EntryJson {
  manager?: string
  operation?: string
  apiVersion?: string
  time?: string | null
  subresource?: string
}

const fieldsMark = ',"fieldsV1":'
const subresourceMark = ',"subresource":'

/** Objects that are made together have the same entries, and what is written again and again keeps most of its own. */
const known = new Map<string, Entry>()
const maxKnown = 1000
/** What entries were read from: those that are not changed are not written anew. */
const texts = new WeakMap<Entry, string>()

/**
 * Reads what this server wrote. Entries are told apart in the text: inside one, neither `},{"` nor the marks can stand unescaped.
 * The fields of most are known from other objects.
 */
export function parseManaged(text: ManagedFieldsText): Entry[] {
  if (text === '') return []
  const entries: Entry[] = []
  for (let start = 1; start < text.length; ) {
    const next = text.indexOf('},{"', start)
    const end = next < 0 ? text.length - 1 : next + 1
    entries.push(parseEntry(text.slice(start, end)))
    start = end + 1
  }
  return entries
}

function parseEntry(text: string): Entry {
  let entry = known.get(text)
  if (!entry) {
    if (known.size >= maxKnown) known.clear()
    known.set(text, (entry = Object.freeze(readEntry(text))))
    texts.set(entry, text)
  }
  return entry
}

function readEntry(text: string): Entry {
  const mark = text.indexOf(fieldsMark)
  const tail = text.lastIndexOf(subresourceMark)
  const { manager = '', operation, apiVersion = '', subresource = '', time } = JSON.parse(mark < 0 ? text : `${text.slice(0, mark)}${tail < mark ? '}' : text.slice(tail)}`) as EntryJson
  const fields = mark < 0 ? {} : fieldsOf(text.slice(mark + fieldsMark.length, tail < mark ? -1 : tail))
  return { manager, operation: operation === 'Apply' ? 'Apply' : 'Update', apiVersion, subresource, time: time ?? undefined, fields }
}

/** Reads what a client sent; throws an `Error` that says what is wrong. */
function readManaged(value: unknown): Entry[] {
  if (!Array.isArray(value)) throw new Error('expected a list of entries')
  const entries = new Map<string, Entry>()
  value.forEach((item: unknown, i) => {
    if (!isObject(item)) throw new Error('expected an entry')
    const { manager, operation, apiVersion, fieldsType, subresource, time, fieldsV1 } = item
    if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`')
    if (typeof apiVersion !== 'string' || apiVersion === '') throw new Error('apiVersion must not be empty')
    if (!fieldsType) throw new Error(`missing fieldsType in managed fields entry ${i}`)
    if (fieldsType !== 'FieldsV1') throw new Error(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${i}`)
    const entry: Entry = {
      manager: typeof manager === 'string' ? manager : '', operation, apiVersion, subresource: typeof subresource === 'string' ? subresource : '',
      time: typeof time === 'string' ? time : undefined, fields: readFieldSet(fieldsV1),
    }
    entries.set(identityOf(entry), entry)
  })
  return [...entries.values()]
}

/** Why `metadata.managedFields` cannot be read; `undefined` when it can. For what mutating admission hands back. */
export function managedFieldsError(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  try {
    readManaged(value)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/**
 * The entries that a write starts from: the live ones, unless the client sent others. `[]` and `[{}]` drop all entries; what
 * cannot be read or says nothing is ignored.
 */
export function startingEntries(managedFields: ManagedFieldsText, given: unknown): Entry[] {
  if (Array.isArray(given)) {
    if (given.length === 0 || (given.length === 1 && isObject(given[0]) && Object.keys(given[0]).length === 0)) return []
    if (managedFieldsError(given) === undefined) return readManaged(given)
  }
  return parseManaged(managedFields)
}

/** Sorted and as text. Entries that own nothing are left out. */
export function encodeManaged(entries: readonly Entry[]): ManagedFieldsText {
  const parts = entries.filter((entry) => !isEmpty(entry.fields)).sort(compareEntries).map((entry) => texts.get(entry) ?? entryText(entry, textOf(entry.fields)))
  return parts.length === 0 ? '' : `[${parts.join(',')}]`
}

export function entryText(entry: Omit<Entry, 'fields'>, fieldsV1: string): string {
  const { manager, operation, apiVersion, time, subresource } = entry
  const head = JSON.stringify({ manager: manager || undefined, operation, apiVersion, time, fieldsType: 'FieldsV1' })
  return `${head.slice(0, -1)},"fieldsV1":${fieldsV1}${subresource ? `,"subresource":${JSON.stringify(subresource)}` : ''}}`
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
export const seconds = (time: string | undefined): number => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000))

function compareEntries(a: Entry, b: Entry): number {
  return compareText(a.operation, b.operation) || (a.time === b.time ? 0 : seconds(a.time) - seconds(b.time)) || compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) || compareText(a.subresource, b.subresource)
}

const maxUpdaters = 10
const oldChanges = 'ancient-changes'

/** Keeps at most ten updaters: the oldest of a version are put together. */
export function capUpdaters(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length <= maxUpdaters) return entries
  const kept = new Map(entries.map((entry) => [identityOf(entry), entry]))
  const updaters = entries.filter((entry) => entry.operation === 'Update')
    .sort((a, b) => seconds(a.time) - seconds(b.time) || compareText(identityOf(a), identityOf(b)))
  let count = updaters.length
  const firstOf = new Map<string, Entry>()
  for (const entry of updaters) {
    if (count <= maxUpdaters) break
    const first = firstOf.get(entry.apiVersion)
    if (!first) {
      firstOf.set(entry.apiVersion, entry)
      continue
    }
    const bucket: Entry = { manager: oldChanges, operation: 'Update', apiVersion: entry.apiVersion, subresource: '', time: entry.time, fields: {} }
    const id = identityOf(bucket)
    const before = kept.get(id) ?? kept.get(identityOf(first))!
    if (!kept.has(id)) kept.delete(identityOf(first))
    kept.delete(identityOf(entry))
    kept.set(id, { ...bucket, fields: union(entry.fields, before.fields) })
    count--
  }
  return [...kept.values()]
}
