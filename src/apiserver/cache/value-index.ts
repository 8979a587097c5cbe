import type { Resource } from '#apimachinery/resource'
import { fieldsOf, labelsOf, type CacheEntry } from './entry'

/** What an equality selector asks for: `{ sort: 'label', key: 'app', value: 'web' }`. */
export interface Equality {
  readonly sort: 'label' | 'field'
  readonly key: string
  readonly value: string
}

export const indexName = ({ sort, key }: Equality): string => `${sort}:${key}`

/** Reads the value that an entry has under an index; undefined where it has none. */
export function valueReader(resource: Resource, equality: Equality): (entry: CacheEntry) => string | undefined {
  if (equality.sort === 'label') return (entry) => labelsOf(resource, entry)[equality.key]
  const at = Object.keys(resource.selectableFields ?? {}).indexOf(equality.key)
  return (entry) => fieldsOf(resource, entry)[at]
}

/** Entries by the value of one label or field. Made when first asked for, kept from then on. */
export class ValueIndex {
  private readonly values = new Map<string, Set<CacheEntry>>()
  private readonly read: (entry: CacheEntry) => string | undefined

  constructor(read: (entry: CacheEntry) => string | undefined) {
    this.read = read
  }

  change(entry: CacheEntry | undefined, before: CacheEntry | undefined): void {
    if (before) {
      const value = this.read(before)
      const set = value === undefined ? undefined : this.values.get(value)
      if (set?.delete(before) && set.size === 0) this.values.delete(value!)
    }
    if (!entry) return
    const value = this.read(entry)
    if (value === undefined) return
    const set = this.values.get(value)
    if (set) set.add(entry)
    else this.values.set(value, new Set([entry]))
  }

  get(value: string): ReadonlySet<CacheEntry> {
    return this.values.get(value) ?? none
  }
}

const none: ReadonlySet<CacheEntry> = new Set()
