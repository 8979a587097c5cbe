import type { KubeObject } from '#apimachinery/object'
import type { Clock } from '#base/clock'
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
  /** The object is gone from the store. */
  afterDelete?(object: T, request: WriteRequest): void | Promise<void>
  /** On an update that found finalizers empty: false keeps the object (namespaces with content). */
  mayDeleteDuringUpdate?(object: T, old: T): boolean
  /** The whole create of a kind that is not stored (reviews, bindings). */
  create?(object: T, exchange: Exchange, kind: Kind, request: WriteRequest): Result | Promise<Result>
  /** The whole read of a kind that is not stored (component statuses). */
  list?(exchange: Exchange, kind: Kind): Result | Promise<Result>
  readonly subresources?: Readonly<Record<string, RestEndpoint>>
}

export interface Reservation {
  commit(): void | Promise<void>
  rollback(): void | Promise<void>
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

export const restsOf = (rests: readonly Rest<any>[]): Rests => new Map(rests.map((rest) => [`${rest.group}/${rest.resource}`, rest]))
