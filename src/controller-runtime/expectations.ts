import { keyOf } from '#apimachinery/object'
import type { KubeObject } from '#apimachinery/object'
import type { Informer } from '#client/informer'

/**
 * What a controller has done that its cache may not show yet. A controller that counts (pods of a ReplicaSet) must not
 * count again before `met`, or it does twice what it has just done.
 *
 * A creation has been seen once the cache has come as far as the created object's revision; a deletion once the cache no
 * longer holds that object alive. Both hold sooner or later, whatever events are missed, so nothing here times out.
 */
export interface Expectations {
  created<T extends KubeObject>(key: string, informer: Informer<T>, object: T): void
  deleted<T extends KubeObject>(key: string, informer: Informer<T>, object: T): void
  /** Ask before the cache is read, never after. */
  met(key: string): boolean
  forget(key: string): void
}

export function createExpectations(): Expectations {
  const open = new Map<string, (() => boolean)[]>()
  const expect = (key: string, seen: () => boolean): void => {
    if (seen()) return
    const list = open.get(key)
    if (list) list.push(seen)
    else open.set(key, [seen])
  }
  return {
    created(key, informer, { metadata }) {
      const revision = Number(metadata.resourceVersion)
      expect(key, () => informer.revision >= revision)
    },
    deleted(key, informer, object) {
      const { uid } = object.metadata
      const child = keyOf(object)
      expect(key, () => {
        const there = informer.get(child)
        return there?.metadata.uid !== uid || there.metadata.deletionTimestamp !== undefined
      })
    },
    met(key) {
      const left = open.get(key)?.filter((seen) => !seen())
      if (left?.length) open.set(key, left)
      else open.delete(key)
      return !left?.length
    },
    forget: (key) => void open.delete(key),
  }
}
