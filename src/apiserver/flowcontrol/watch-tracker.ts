import type { RequestInfo } from '../request-info'

/** Counts open watches by what they see, so that a write's cost can be told. */
export class WatchTracker {
  /** By resource, then by namespace and name. */
  private readonly counts = new Map<string, Map<string, number>>()

  /** Returns what forgets the watch; undefined for one that costs writers next to nothing (pods of one node). */
  register({ group, resource, namespace, name, query }: RequestInfo): (() => void) | undefined {
    if (resource === 'pods' && /(^|,)spec\.nodeName==?[^,=]/.test(query.get('fieldSelector') ?? '')) return undefined
    const of = `${group}/${resource}`
    const place = `${namespace}/${name}`
    let counts = this.counts.get(of)
    if (!counts) this.counts.set(of, (counts = new Map()))
    counts.set(place, (counts.get(place) ?? 0) + 1)
    return () => {
      const left = counts.get(place)! - 1
      if (left > 0) counts.set(place, left)
      else counts.delete(place)
    }
  }

  /** How many watches may hear of a change. */
  interested({ group, resource, namespace, name }: RequestInfo): number {
    const counts = this.counts.get(`${group}/${resource}`)
    if (!counts || counts.size === 0) return 0
    const of = (place: string): number => counts.get(place) ?? 0
    return of('/') + (namespace === '' ? 0 : of(`${namespace}/`)) + (name === '' ? 0 : of(`${namespace}/${name}`))
  }
}
