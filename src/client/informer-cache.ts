import { keyOf } from '#apimachinery/object'
import type { KubeObject, ObjectKey } from '#apimachinery/object'

/** Objects by key, by namespace and by whatever index was added. Lists are made once per change and shared. */
export interface Cache<T extends KubeObject> {
  get(key: ObjectKey): T | undefined
  list(namespace?: string): readonly T[]
  by(index: string, value: string): readonly T[]
  addIndex(name: string, values: (object: T) => readonly string[]): void
  /** Returns what stood there before. */
  put(object: T): T | undefined
  remove(key: ObjectKey): T | undefined
  keys(): IterableIterator<ObjectKey>
  readonly size: number
}

interface Index<T> { readonly values: (object: T) => readonly string[]; readonly entries: Map<string, Map<ObjectKey, T>> }

const none: readonly never[] = Object.freeze([])

export function createCache<T extends KubeObject>(): Cache<T> {
  const all = new Map<ObjectKey, T>()
  const namespaces = new Map<string, Map<ObjectKey, T>>()
  const indices = new Map<string, Index<T>>()
  let listed: readonly T[] | undefined
  const listedIn = new Map<string, readonly T[]>()

  const forgetLists = (namespace: string): void => {
    listed = undefined
    listedIn.delete(namespace)
  }

  return {
    get size() {
      return all.size
    },
    keys: () => all.keys(),
    get: (key) => all.get(key),
    list(namespace) {
      if (namespace === undefined) return (listed ??= Object.freeze([...all.values()]))
      let found = listedIn.get(namespace)
      if (!found) {
        const here = namespaces.get(namespace)
        if (!here) return none
        found = Object.freeze([...here.values()])
        listedIn.set(namespace, found)
      }
      return found
    },
    by(name, value) {
      const index = indices.get(name)
      if (!index) throw new Error(`no index ${name} was added`)
      const found = index.entries.get(value)
      return found ? [...found.values()] : none
    },
    addIndex(name, values) {
      if (indices.has(name)) return
      const index: Index<T> = { values, entries: new Map() }
      indices.set(name, index)
      for (const [key, object] of all) enter(index.entries, key, object, values(object))
    },
    put(object) {
      const key = keyOf(object)
      const old = all.get(key)
      const namespace = object.metadata.namespace ?? ''
      all.set(key, object)
      let here = namespaces.get(namespace)
      if (!here) namespaces.set(namespace, (here = new Map()))
      here.set(key, object)
      for (const { values, entries } of indices.values()) {
        if (old) leave(entries, key, values(old))
        enter(entries, key, object, values(object))
      }
      forgetLists(namespace)
      return old
    },
    remove(key) {
      const old = all.get(key)
      if (!old) return undefined
      const namespace = old.metadata.namespace ?? ''
      all.delete(key)
      const here = namespaces.get(namespace)
      here?.delete(key)
      if (here?.size === 0) namespaces.delete(namespace)
      for (const { values, entries } of indices.values()) leave(entries, key, values(old))
      forgetLists(namespace)
      return old
    },
  }
}

function enter<T>(entries: Map<string, Map<ObjectKey, T>>, key: ObjectKey, object: T, values: readonly string[]): void {
  for (const value of values) {
    let found = entries.get(value)
    if (!found) entries.set(value, (found = new Map()))
    found.set(key, object)
  }
}

function leave<T>(entries: Map<string, Map<ObjectKey, T>>, key: ObjectKey, values: readonly string[]): void {
  for (const value of values) {
    const found = entries.get(value)
    found?.delete(key)
    if (found?.size === 0) entries.delete(value)
  }
}
