import type { FieldSet } from './field-set'
import { compareElements } from './path-element'

/** How many texts of sets are remembered: as many as there are ways to write objects, not as there are objects. */
const maxTexts = 1000

const sets = new Map<string, FieldSet>()
const texts = new WeakMap<FieldSet, string>()
/** Nodes of sets that were read from texts: in the server's order all the way down. */
const ordered = new WeakSet<FieldSet>()

/**
 * The set of a FieldsV1 text that this server wrote. Objects that are made alike are owned alike: the set is shared by all who
 * ask, and not changed by any.
 */
export function fieldsOf(text: string): FieldSet {
  const known = sets.get(text)
  if (known) return known
  const set = (JSON.parse(text) as FieldSet | null) ?? {}
  share(set)
  if (sets.size >= maxTexts) sets.clear()
  sets.set(text, set)
  texts.set(set, text)
  return set
}

function share(set: FieldSet): void {
  ordered.add(Object.freeze(set))
  for (const element in set) share(set[element]!)
}

/** The FieldsV1 text of a set, in the server's order. Of what comes from shared sets the texts are made once. */
export function textOf(set: FieldSet): string {
  const known = texts.get(set)
  if (known !== undefined) return known
  if (ordered.has(set)) {
    const text = JSON.stringify(set)
    texts.set(set, text)
    return text
  }
  const elements = Object.keys(set)
  if (elements.length > 1) elements.sort(inOrder)
  let text = ''
  for (const element of elements) text += `${text === '' ? '' : ','}${JSON.stringify(element)}:${textOf(set[element]!)}`
  return `{${text}}`
}

/** `.`, which says that the node itself is owned, comes first. */
const inOrder = (a: string, b: string): number => (a === '.' ? -1 : b === '.' ? 1 : compareElements(a, b))
