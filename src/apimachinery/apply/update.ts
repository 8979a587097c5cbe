import type { Struct } from '../schema/schema'
import { compare, type Comparison } from './compare'
import type { CreateManagedFields, FieldWriter, JsonObject, UpdateManagedFields } from './contract'
import { createdFields, unownedMetadata } from './created-fields'
import { difference, isEmpty, onlyBelow, setOf, union, without, type FieldSet } from './field-set'
import { capUpdaters, encodeManaged, entryText, isSameWriter, startingEntries, type Entry } from './managed'
import { fieldElement } from './path-element'
import { reconcileWithSchema } from './reconcile-schema'

/** What no manager ever owns: the object itself and what the server sets. */
const unowned: FieldSet = setOf(['f:apiVersion'], ['f:kind'], ['f:metadata'], ...[...unownedMetadata].map((name) => ['f:metadata', fieldElement(name)]))

export const createManagedFields: CreateManagedFields = (object, writer, given) => {
  if (given === undefined && !writer.onlyFields && (writer.resetFields ?? []).every((path) => path.length === 1)) {
    const fields = createdFields(writer.schema, object, new Set(writer.resetFields?.map((path) => path[0]!)))
    return fields === '' ? '' : `[${entryText(newEntry(writer), fields)}]`
  }
  return encodeManaged(capUpdaters(updateEntries(startingEntries('', given), emptyObject(writer), object, writer)))
}

export const updateManagedFields: UpdateManagedFields = (live, managedFields, updated, writer, sent) => {
  // Subresources leave the entries to the main resource.
  const given = writer.subresource ? undefined : sent
  if (given === undefined && (live === updated || managedFields === '')) return managedFields
  const before = startingEntries(managedFields, given)
  if (before.length === 0) return ''
  const entries = updateEntries(before, live, updated, writer)
  return given === undefined && entries === before ? managedFields : encodeManaged(capUpdaters(entries))
}

/** What an object of the kind has before anyone wrote to it. */
export function emptyObject({ schema, apiVersion }: FieldWriter): JsonObject {
  return { apiVersion, ...emptyOf(schema) }
}

function emptyOf(schema: Struct): JsonObject {
  const empty: Record<string, unknown> = {}
  for (const [name, field] of schema.fields) {
    if (field.zero === 'always') empty[name] = field.schema.type === 'struct' && field.empty !== null ? emptyOf(field.schema) : field.empty
  }
  return empty
}

/** The entries after a write that was no apply: its writer owns what it changed, nobody what it removed. */
export function updateEntries(entries: Entry[], live: JsonObject, updated: JsonObject, writer: FieldWriter): Entry[] {
  const differences = compareIn(live, updated, writer)
  const { changed, removed } = differences(writer.apiVersion)!
  if (isEmpty(changed) && isEmpty(removed)) return entries
  const written = difference(changed, unowned)
  const own = newEntry(writer)
  const after: Entry[] = []
  let found = false
  for (const entry of reconcile(entries, writer)) {
    const theirs = differences(entry.apiVersion)
    if (!theirs) continue
    const kept = difference(difference(entry.fields, theirs.changed), theirs.removed)
    if (isSameWriter(entry, own) && !isEmpty(written)) {
      found = true
      after.push({ ...own, fields: union(written, kept) })
    } else if (kept === entry.fields) after.push(entry)
    else if (!isEmpty(kept)) after.push({ ...entry, fields: kept })
  }
  if (!found && !isEmpty(written)) after.push({ ...own, fields: written })
  return after
}

/** What changed, in the terms of a version; `undefined` for versions that are no longer served. */
export function compareIn(before: JsonObject, after: JsonObject, writer: FieldWriter): (apiVersion: string) => Comparison | undefined {
  const known = new Map<string, Comparison | undefined>([[writer.apiVersion, filtered(compare(writer.schema, before, after), writer)]])
  return (apiVersion) => {
    if (!known.has(apiVersion)) {
      const left = inVersion(before, apiVersion, writer)
      const right = inVersion(after, apiVersion, writer)
      known.set(apiVersion, left && right && filtered(compare(left.schema, left.object, right.object), writer))
    }
    return known.get(apiVersion)
  }
}

/** An object as a version has it; `undefined` for a version that is no longer served. */
export function inVersion(object: JsonObject, apiVersion: string, writer: FieldWriter): { readonly object: JsonObject; readonly schema: Struct } | undefined {
  const is = object.apiVersion ?? writer.apiVersion
  return is === apiVersion && apiVersion === writer.apiVersion ? { object, schema: writer.schema } : writer.convert?.(object, apiVersion)
}

const filtered = ({ changed, removed }: Comparison, writer: FieldWriter): Comparison => ({
  changed: owned(changed, writer), removed: owned(removed, writer),
})

/** What of a set this endpoint's writers may own. */
export function owned(set: FieldSet, { resetFields, onlyFields }: FieldWriter): FieldSet {
  let left = set
  if (resetFields && resetFields.length > 0) left = without(left, setOfPaths(resetFields))
  if (onlyFields) left = onlyBelow(left, onlyFields.map((path) => path.map((part) => (part === '*' ? part : fieldElement(part)))))
  return left
}

/** By the list of paths, which belongs to a kind. */
const setsOfPaths = new WeakMap<readonly (readonly string[])[], FieldSet>()

function setOfPaths(paths: readonly (readonly string[])[]): FieldSet {
  let set = setsOfPaths.get(paths)
  if (!set) setsOfPaths.set(paths, (set = setOf(...paths.map((path) => path.map(fieldElement)))))
  return set
}

export const withoutUnowned = (set: FieldSet): FieldSet => difference(set, unowned)

/** Sets that are as a schema has it: they are shared by many objects. */
const reconciled = new WeakMap<FieldSet, Struct>()

/** Entries as the schemas of today have it. */
export function reconcile(entries: readonly Entry[], { apiVersion, schema }: FieldWriter): Entry[] {
  return entries.map((entry) => {
    if (entry.apiVersion !== apiVersion || reconciled.get(entry.fields) === schema) return entry
    const fields = reconcileWithSchema(schema, entry.fields)
    if (fields !== entry.fields) return { ...entry, fields }
    reconciled.set(fields, schema)
    return entry
  })
}

export function newEntry({ manager, apiVersion, subresource, time }: FieldWriter, operation: 'Update' | 'Apply' = 'Update'): Entry {
  return { manager: manager || 'unknown', operation, apiVersion, subresource: subresource ?? '', time, fields: {} }
}
