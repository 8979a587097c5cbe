import { ApiError } from '#apimachinery/api-error'
import { intersection, isEmpty, pathsOf, showPath, type Element, type FieldSet } from './field-set'
import { identityOf, type Entry } from './managed'

export interface Conflict {
  readonly entry: Entry
  readonly path: readonly Element[]
}

/** The fields of others that an apply would change, manager by manager. */
export function conflictsOf(entries: readonly Entry[], changedFor: (entry: Entry) => FieldSet): Conflict[] {
  const ordered = [...entries].sort((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1))
  return ordered.flatMap((entry) => {
    const set = intersection(entry.fields, changedFor(entry))
    return isEmpty(set) ? [] : Array.from(pathsOf(set), (path) => ({ entry, path }))
  })
}

/** 409 with a cause for each field. */
export function applyConflict(conflicts: readonly Conflict[]): ApiError {
  const causes = conflicts.map(({ entry, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${showManager(entry)}`, field: showPath(path) }))
  return new ApiError(409, 'Conflict', messageOf(conflicts), { causes })
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first] = conflicts
  if (first && conflicts.length === 1) return `Apply failed with 1 conflict: conflict with ${showManager(first.entry)}: ${showPath(first.path)}`
  const lines: string[] = []
  let last: Entry | undefined
  for (const { entry, path } of conflicts) {
    if (entry !== last) lines.push(`conflicts with ${showManager(entry)}:`)
    last = entry
    lines.push(`- ${showPath(path)}`)
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function showManager({ manager, subresource, operation, apiVersion }: Entry): string {
  const name = subresource ? `${JSON.stringify(manager)} with subresource ${JSON.stringify(subresource)}` : JSON.stringify(manager)
  return operation === 'Update' ? `${name} using ${apiVersion}` : name
}
