import type { CacheEntry } from './entry'

/** The entries of one namespace (or of the cluster), by name, always in order. */
export class SortedEntries {
  readonly byName = new Map<string, CacheEntry>()
  readonly sorted: CacheEntry[] = []

  /** Returns what stood at the name before. */
  put(entry: CacheEntry): CacheEntry | undefined {
    const before = this.byName.get(entry.name)
    this.byName.set(entry.name, entry)
    const { sorted } = this
    if (!before && (sorted.length === 0 || sorted[sorted.length - 1]!.name < entry.name)) sorted.push(entry)
    else if (before) sorted[this.indexOf(entry.name)] = entry
    else sorted.splice(this.indexOf(entry.name), 0, entry)
    return before
  }

  delete(name: string): CacheEntry | undefined {
    const before = this.byName.get(name)
    if (before) {
      this.byName.delete(name)
      this.sorted.splice(this.indexOf(name), 1)
    }
    return before
  }

  /** Where a name is, or would be. */
  indexOf(name: string): number {
    const { sorted } = this
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sorted[middle]!.name < name) low = middle + 1
      else high = middle
    }
    return low
  }
}
