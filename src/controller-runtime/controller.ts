import { keyOf } from '#apimachinery/object'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informer, Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import type { Expectations } from './expectations'

/** Reads from the informers that a controller watches; anything else is refused. */
export type Cached = <T extends KubeObject>(resource: ResourceRef<T>) => Informer<T>

/** The keys that an object concerns. Called with the object as it is and as it was; the queue takes each key once. */
export type Mapper<T extends KubeObject> = (object: T, cached: Cached) => Iterable<string>

export interface Watch {
  readonly resource: ResourceRef
  readonly keys: Mapper<KubeObject>
  readonly when: ((object: KubeObject | undefined, old: KubeObject | undefined) => boolean) | undefined
  readonly indexes: Readonly<Record<string, (object: KubeObject) => readonly string[]>>
}

export interface WatchOptions<T extends KubeObject> {
  /** Only changes for which this holds. */
  when?(object: T | undefined, old: T | undefined): boolean
  indexes?: Readonly<Record<string, (object: T) => readonly string[]>>
}

/** A watch: what changes there is mapped to keys, by default the object's own. */
export function on<T extends KubeObject>(resource: ResourceRef<T>, keys: Mapper<T> = ownKey, { when, indexes = {} }: WatchOptions<T> = {}): Watch {
  return { resource, keys, when, indexes } as unknown as Watch
}

/** A watch that wakes nobody: the controller reads the cache. */
export const reading = <T extends KubeObject>(resource: ResourceRef<T>, options: WatchOptions<T> = {}): Watch => on(resource, () => [], options)

const ownKey = (object: KubeObject): string[] => [keyOf(object)]

/** Records an Event about an object. */
export type Tell = <T extends KubeObject>(resource: ResourceRef<T>, object: T, type: 'Normal' | 'Warning', reason: string, message: string) => void

export interface SetUpContext {
  cached: Cached
  client: Client
  informers: Informers
  tell: Tell
  clock: Clock
  log: Log
  signal: AbortSignal
  /** For state that finds work by itself. */
  enqueue: (key: string, afterMs?: number) => void
}

export interface ReconcileContext<S> extends SetUpContext {
  expectations: Expectations
  state: S
}

export interface ControllerDefinition<S = undefined> {
  /** As in `--controllers`: `replicaset-controller`. */
  readonly name: string
  /** The identity that acts, in kube-system; by default the controller's name. */
  readonly serviceAccount?: string
  /** How events name it; by default the controller's name. */
  readonly component?: string
  readonly watches: readonly Watch[]
  /** What it may write beside events, `statusOf(pods)` for a subresource. */
  readonly writes: readonly (ResourceRef | Subresource)[] | 'everything'
  /** How many keys at a time. */
  readonly workers?: number
  /** Called after election, once the caches are filled. State that is disposable is disposed of at the end. */
  setUp?(context: SetUpContext): S | Promise<S>
  /** Brings one key closer to what is wanted. Called again whenever something changes; throws to be called again later. */
  reconcile(key: string, context: ReconcileContext<S>): Promise<Outcome | void>
}

export interface Outcome {
  /** Milliseconds. */
  requeueAfter?: number
}

export interface Subresource { readonly of: ResourceRef; readonly subresource: string }
export const statusOf = (of: ResourceRef): Subresource => ({ of, subresource: 'status' })

/** A controller whose state is its own business. */
export type Controller = ControllerDefinition<unknown>

export function defineController<S = undefined>(definition: ControllerDefinition<S>): Controller {
  return definition
}
