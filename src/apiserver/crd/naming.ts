import type { CustomResourceDefinition, CustomResourceDefinitionCondition, CustomResourceDefinitionNames, CustomResourceDefinitionStatus } from '#api/apiextensions/v1/types'

/** Names that others of the group have: resources (plural, singular, short) and kinds (kind, list kind). */
export interface TakenNames {
  readonly resources: ReadonlySet<string>
  readonly kinds: ReadonlySet<string>
}

/** What the other definitions of a group have been given. */
export function takenNames(definition: CustomResourceDefinition, all: Iterable<CustomResourceDefinition>): TakenNames {
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const { metadata, spec, status } of all) {
    if (spec.group !== definition.spec.group || metadata.name === definition.metadata.name) continue
    const { plural, singular, shortNames = [], kind, listKind } = status?.acceptedNames ?? { plural: '', kind: '' }
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name)
    for (const name of [kind, listKind]) if (name) kinds.add(name)
  }
  return { resources, kinds }
}

/** The status that a definition comes to: which of the names it asks for it gets, and whether it is served. A name once given stays. */
export function namedStatus(definition: CustomResourceDefinition, taken: TakenNames, now: string): CustomResourceDefinitionStatus {
  const { names: wanted, versions } = definition.spec
  const given = definition.status.acceptedNames
  const accepted: CustomResourceDefinitionNames = { ...given }
  let conflict: { reason: string; message: string } | undefined
  const take = <K extends 'plural' | 'singular' | 'kind' | 'listKind'>(field: K, reason: string, used: ReadonlySet<string>): void => {
    const name = wanted[field]
    if (name !== given[field] && name && used.has(name)) conflict = { reason, message: `${JSON.stringify(name)} is already in use` }
    else if (name !== undefined) accepted[field] = name
  }
  take('plural', 'PluralConflict', taken.resources)
  take('singular', 'SingularConflict', taken.resources)
  const clashing = (wanted.shortNames ?? []).filter((name) => !(given.shortNames ?? []).includes(name) && taken.resources.has(name))
  if (clashing.length > 0) conflict = { reason: 'ShortNamesConflict', message: aggregated(clashing.map((name) => `${JSON.stringify(name)} is already in use`)) }
  else if (wanted.shortNames) accepted.shortNames = wanted.shortNames
  else delete accepted.shortNames
  take('kind', 'KindConflict', taken.kinds)
  take('listKind', 'ListKindConflict', taken.kinds)
  if (wanted.categories) accepted.categories = wanted.categories
  else delete accepted.categories

  const namesAccepted = conflict
    ? { type: 'NamesAccepted', status: 'False', ...conflict }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
  let conditions = withCondition(definition.status.conditions ?? [], namesAccepted, now)
  if (conditionOf(definition, 'Established')?.status !== 'True') {
    conditions = withCondition(conditions, conflict
      ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
      : { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' }, now)
  }
  const storedVersions = definition.status.storedVersions ?? versions.filter(({ storage }) => storage).map(({ name }) => name)
  return { ...definition.status, acceptedNames: accepted, conditions: conditions, storedVersions }
}

const aggregated = (texts: readonly string[]): string => (texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`)

export const conditionOf = (definition: CustomResourceDefinition, type: string): CustomResourceDefinitionCondition | undefined =>
  definition.status?.conditions?.find((condition) => condition.type === type)

export const isEstablished = (definition: CustomResourceDefinition): boolean => conditionOf(definition, 'Established')?.status === 'True'

type NewCondition = Pick<CustomResourceDefinitionCondition, 'type' | 'status' | 'reason' | 'message'>

/** In place of the one of its type; the time changes with the status only. */
export function withCondition(conditions: readonly CustomResourceDefinitionCondition[], condition: NewCondition, now: string): CustomResourceDefinitionCondition[] {
  const old = conditions.find(({ type }) => type === condition.type)
  const time = old && old.status === condition.status ? old.lastTransitionTime : now
  const { type, status, reason, message } = condition
  const made = { ...(time ? { lastTransitionTime: time } : {}), ...(message ? { message } : {}), ...(reason ? { reason } : {}), status, type } as CustomResourceDefinitionCondition
  return old ? conditions.map((one) => (one === old ? made : one)) : [...conditions, made]
}
