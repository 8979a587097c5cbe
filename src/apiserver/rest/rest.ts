import type { FieldErrors } from '#apimachinery/field-errors'
import type { KubeObject } from '#apimachinery/object'
import type { Clock } from '#base/clock'
import type { Delete, Put } from '#storage/store'
import type { CacheEntry } from '../cache/entry'
import type { Exchange, Result } from '../exchange'
import type { Kind } from '../kinds'
import type { Registry } from '../registry/registry'
import type { WriteRequest } from '../registry/write'

/** What a kind needs beyond purity: other objects, or the cluster. One file a kind: `rest/<group>/<kind>.ts`. */
export interface Rest<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly resource: string
  /**
   * Before an object is validated and written: may change it, and reserves what the write needs of other objects. What comes
   * back is committed when the write stands and rolled back when it fails. `old` is undefined on create.
   */
  begin?(object: T, old: T | undefined, request: WriteRequest): Reservation | undefined | Promise<Reservation | undefined>
  /** What validation asks of other objects, of writes through subresources too. A promise only where it must be. */
  check?(object: T, old: T | undefined, request: WriteRequest, errors: FieldErrors): void | Promise<void>
  /** What holds a deletion beside finalizers and grace periods; `mark` changes the copy that stays meanwhile. */
  readonly deletion?: { held(object: T): boolean; mark(object: T): void }
  /** What goes with the object, in the same write. */
  withDelete?(object: T): readonly Delete[] | Promise<readonly Delete[]>
  /** The object is gone from the store. */
  afterDelete?(object: T, request: WriteRequest): void | Promise<void>
  /** On an update that found finalizers empty: false keeps the object (namespaces with content). */
  mayDeleteDuringUpdate?(object: T, old: T): boolean
  /** The whole create of a kind that is not stored (reviews, bindings). */
  create?(object: T, exchange: Exchange, kind: Kind, request: WriteRequest): Result | Promise<Result>
  /** The whole read of a kind that is not stored (component statuses). */
  get?(exchange: Exchange, kind: Kind): Result | Promise<Result>
  list?(exchange: Exchange, kind: Kind): Result | Promise<Result>
  readonly subresources?: Readonly<Record<string, RestEndpoint>>
}

export interface Reservation {
  /** Written with the object, all or nothing. A conflict in one of them rolls back and begins again. */
  readonly changes?: readonly (Put | Delete)[]
  commit?(): void | Promise<void>
  /** Takes back what `begin` did to the object, too. */
  rollback?(): void | Promise<void>
}

/** A subresource with a type of its own. Authorized already; `connect` verbs take the connection or answer as a proxy. */
export type RestEndpoint = (call: EndpointCall) => Result | Promise<Result>

export interface EndpointCall {
  readonly exchange: Exchange
  readonly kind: Kind
  readonly registry: Registry
  readonly clock: Clock
  /** The object that the subresource belongs to. Throws `notFound`. */
  parent(): Promise<{ object: KubeObject; entry: CacheEntry }>
  /** The request's body, decoded as the subresource's own kind; for writes. */
  decode<B>(): Promise<B>
  write: WriteRequest
}

/** Rests by `group/resource`. */
export type Rests = ReadonlyMap<string, Rest<any>>

/** Several rests of one resource are one: the later one's parts win. */
export function mergeRests(rests: readonly Rest<any>[]): Rests {
  const merged = new Map<string, Rest<any>>()
  for (const rest of rests) {
    const key = `${rest.group}/${rest.resource}`
    const before = merged.get(key)
    merged.set(key, before ? { ...before, ...rest, subresources: { ...before.subresources, ...rest.subresources } } : rest)
  }
  return merged
}
