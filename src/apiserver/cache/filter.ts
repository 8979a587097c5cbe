import type { Resource } from '#apimachinery/resource'
import type { CacheEntry } from './entry'
import { indexName, valueReader, type Equality } from './value-index'

/** What a list or a watch is limited to. Equal keys select the same. */
export interface Filter {
  readonly key: string
  /** Empty: all namespaces. */
  readonly namespace: string
  /** `metadata.name=` of a field selector. */
  readonly name: string | undefined
  /** One equality that an index can answer; `matches` still checks it. */
  readonly equality: Equality | undefined
  /** Absent where nothing but the namespace is asked. */
  readonly matches: ((entry: CacheEntry) => boolean) | undefined
}

export interface Selection {
  readonly namespace: string
  readonly labels?: LabelMatcher | undefined
  readonly fields?: readonly FieldTerm[] | undefined
}
export interface LabelMatcher {
  readonly text: string
  readonly matches: (labels: Readonly<Record<string, string>>) => boolean
  readonly equalities: readonly { readonly key: string; readonly value: string }[]
}
export interface FieldTerm {
  readonly field: string
  readonly equal: boolean
  readonly value: string
}

/** Prefers the field that most watches ask for (spec.nodeName of kubelets), then any label. */
export function filterOf(resource: Resource, { namespace, labels, fields }: Selection, labelsOfEntry: (entry: CacheEntry) => Readonly<Record<string, string>>): Filter {
  const tests: ((entry: CacheEntry) => boolean)[] = []
  let name: string | undefined
  let equality: Equality | undefined
  let scope = namespace
  for (const term of fields ?? []) {
    if (term.field === 'metadata.name') {
      if (term.equal) name = term.value
      tests.push((entry) => (entry.name === term.value) === term.equal)
    } else if (term.field === 'metadata.namespace') {
      if (term.equal && scope === '') scope = term.value
      tests.push((entry) => (entry.namespace === term.value) === term.equal)
    } else {
      const wanted: Equality = { sort: 'field', key: term.field, value: term.value }
      if (term.equal) equality ??= wanted
      const read = valueReader(resource, wanted)
      tests.push((entry) => (read(entry) === term.value) === term.equal)
    }
  }
  if (labels) {
    const first = labels.equalities[0]
    if (first) equality ??= { sort: 'label', key: first.key, value: first.value }
    tests.push((entry) => labels.matches(labelsOfEntry(entry)))
  }
  const fieldText = (fields ?? []).map((t) => `${t.field}${t.equal ? '=' : '!='}${t.value}`).join(',')
  return {
    key: `${namespace}\n${labels?.text ?? ''}\n${fieldText}`,
    namespace: scope,
    name,
    equality,
    matches: tests.length === 0 ? undefined : tests.length === 1 ? tests[0]! : (entry) => tests.every((test) => test(entry)),
  }
}

export const indexOfFilter = (filter: Filter): string | undefined => filter.equality && indexName(filter.equality)
