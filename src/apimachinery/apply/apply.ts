import { ApiError, badRequest } from '#apimachinery/api-error'
import { isObject } from '#apimachinery/patch/json-kind'
import { sameJson } from '#apimachinery/patch/json-patch'
import { applyConflict, conflictsOf } from './conflicts'
import type { Applier, Applied, ApplyPatch, JsonObject } from './contract'
import { difference, has, intersection, isEmpty, union, type FieldSet } from './field-set'
import { stillAsLastApplied, withLastApplied } from './last-applied'
import { encodeManaged, identityOf, parseManaged, type Entry } from './managed'
import { merge } from './merge'
import { fieldSetOf } from './object-set'
import { removeItems, withNamedFields } from './remove-items'
import { compareIn, emptyObject, inVersion, newEntry, owned, reconcile, updateEntries, withoutUnowned } from './update'
import { configErrors, joinErrors } from './validate-config'

/** The manager that the server gives to what was there before anyone was tracked. */
const beforeFirstApply = 'before-first-apply'
const kubectl = 'kubectl'

export const applyPatch: ApplyPatch = (live, managedFields, config, applier) => {
  checkConfig(config, applier)
  const object = live ?? emptyObject(applier)
  let entries = parseManaged(managedFields)
  if (entries.length === 0) entries = updateEntries([], emptyObject(applier), object, { ...applier, manager: beforeFirstApply })
  const applied = applyTo(object, entries, config, applier)
  if (applier.manager !== kubectl) return applied
  const annotated = withLastApplied(applied.object, config)
  return { ...applied, object: annotated, changed: applied.changed || annotated !== applied.object }
}

function checkConfig(config: JsonObject, { apiVersion, kind, schema }: Applier): void {
  if (config.apiVersion !== apiVersion || config.kind !== kind) {
    throw badRequest(`invalid object type: ${showKind(textOf(config.apiVersion), textOf(config.kind))}`)
  }
  const metadata = isObject(config.metadata) ? config.metadata : {}
  if (Array.isArray(metadata.managedFields)) throw badRequest('metadata.managedFields must be nil')
  const errors = configErrors(schema, config)
  if (errors.length === 0) return
  const name = `${textOf(metadata.namespace)}/${textOf(metadata.name)}; ${showKind(apiVersion, kind)}`
  throw new ApiError(500, '', `failed to create typed patch object (${name}): ${joinErrors(errors)}`)
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `apps/v1, Kind=Deployment`; `/v1, Kind=Pod`. */
export const showKind = (apiVersion: string, kind: string): string => `${apiVersion.includes('/') ? '' : '/'}${apiVersion}, Kind=${kind}`

function applyTo(live: JsonObject, before: readonly Entry[], config: JsonObject, applier: Applier): Applied {
  const entries = reconcile(before, applier)
  const own = newEntry(applier, 'Apply')
  const id = identityOf(own)
  const last = entries.find((entry) => identityOf(entry) === id)
  const set = owned(fieldSetOf(applier.schema, config), applier)
  const others = entries.filter((entry) => identityOf(entry) !== id)
  const merged = merge(applier.schema, live, config) as JsonObject
  // Whoever still says all that he said has nothing taken away.
  const dropped = last && (last.apiVersion !== own.apiVersion || !isEmpty(difference(last.fields, set)))
  const object = dropped ? prune(merged, last, [...others, { ...own, fields: set }], applier) : merged

  const differences = compareIn(live, object, applier)
  const served = others.filter((entry) => differences(entry.apiVersion))
  if (!applier.force) refuseConflicts(live, served, (entry) => differences(entry.apiVersion)!.changed, applier)
  const after = served.map((entry) => {
    const { changed, removed } = differences(entry.apiVersion)!
    return { ...entry, fields: difference(difference(entry.fields, changed), removed) }
  })
  const changed = object !== live && !sameJson(live, object)
  // An apply that changes nothing keeps its time; a first one has none then, as in the original.
  after.push({ ...own, time: changed ? own.time : last?.time, fields: withoutUnowned(set) })
  return { object: changed ? object : live, managedFields: encodeManaged(after), changed }
}

function refuseConflicts(live: JsonObject, entries: readonly Entry[], changedFor: (entry: Entry) => FieldSet, applier: Applier): void {
  const conflicts = conflictsOf(entries, changedFor)
  if (conflicts.length === 0) return
  const own = applier.manager === kubectl ? stillAsLastApplied(live, applier) : undefined
  const left = own ? conflicts.filter(({ path }) => !has(own, path)) : conflicts
  if (left.length > 0) throw applyConflict(left)
}

/**
 * Removes what the applier's last configuration had and this one has not, unless another manager owns it. Runs in the
 * version of that last configuration.
 */
function prune(merged: JsonObject, last: Entry, managers: readonly Entry[], applier: Applier): JsonObject {
  if (isEmpty(last.fields)) return merged
  const base = inVersion(merged, last.apiVersion, applier)
  if (!base) return merged
  const { schema } = base
  const named = (set: FieldSet): FieldSet => withNamedFields(schema, set)
  const all = named(fieldSetOf(schema, base.object))

  let pruned = removeItems(schema, base.object, named(last.fields)) as JsonObject
  const versions = new Map<string, FieldSet>()
  for (const entry of managers) versions.set(entry.apiVersion, union(versions.get(entry.apiVersion) ?? {}, entry.fields))
  // What managers own comes back, first in this version's terms, then in those of every other.
  for (const version of [...versions.keys()].sort((a, b) => Number(b === last.apiVersion) - Number(a === last.apiVersion))) {
    pruned = addBack(base.object, pruned, version, versions.get(version)!, applier)
  }
  // And what the last configuration had nothing to do with.
  const here = inVersion(pruned, last.apiVersion, applier)
  if (!here) return merged
  const gone = difference(all, named(fieldSetOf(schema, here.object)))
  const result = removeItems(schema, base.object, intersection(gone, named(last.fields))) as JsonObject
  return inVersion(result, applier.apiVersion, applier)?.object ?? merged
}

function addBack(merged: JsonObject, pruned: JsonObject, version: string, fields: FieldSet, applier: Applier): JsonObject {
  const whole = inVersion(merged, version, applier)
  const left = inVersion(pruned, version, applier)
  if (!whole || !left) return pruned
  const named = (set: FieldSet): FieldSet => withNamedFields(whole.schema, set)
  const kept = union(named(fieldSetOf(whole.schema, left.object)), named(fields))
  return removeItems(whole.schema, whole.object, difference(named(fieldSetOf(whole.schema, whole.object)), kept)) as JsonObject
}
