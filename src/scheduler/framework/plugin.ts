import type { Client } from '#client/client'
import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { NodeInfo } from './node-info'
import type { PodInfo } from './pod-info'
import type { Snapshot } from './snapshot'

/**
 * The scheduling framework: its extension points by Kubernetes' names, each an optional function of a plugin.
 *
 *   queueSort   preEnqueue                                             the queue
 *   preFilter   filter   postFilter                                    which nodes can take the pod
 *   preScore    score    normalize                                     which of them is best
 *   reserve     permit   preBind   bind   postBind                     taking it there
 *
 * `S` is what preFilter hands to filter, `P` what preScore hands to score. Everything up to `permit` is synchronous and
 * runs for one pod at a time; binding is asynchronous, for many pods at once.
 */
export interface Plugin<S = unknown, P = unknown> {
  readonly name: string
  /** How much its scores count; 1 unless said otherwise. */
  readonly weight?: number
  /** What may make a pod schedulable that this plugin rejected. Without hints no event wakes such a pod. */
  readonly hints?: readonly Hint[]

  /** Negative when `a` goes first. Exactly one plugin of a profile has it. */
  queueSort?(a: QueueOrder, b: QueueOrder): number
  /** A reason keeps the pod out of the queue until one of this plugin's hints lets it in. */
  preEnqueue?(pod: PodInfo): Rejection | undefined

  /** Once per pod: what `filter` needs; `skip` when no node can fail; a rejection when no node can pass. */
  preFilter?(pod: PodInfo, snapshot: Snapshot): S | typeof skip | Rejection | Narrowed<S>
  /** Once per node: undefined when the pod fits. Rejections are shared constants: this allocates nothing. */
  filter?(state: S, node: NodeInfo, pod: PodInfo): Rejection | undefined
  /** After no node was found: may make room and nominate a node. */
  postFilter?(pod: PodInfo, snapshot: Snapshot, failure: FilterFailure): PostFiltered | undefined

  preScore?(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): P | typeof skip
  /** 0 (worst) to 100 (best), or any scale that `normalize` brings there. */
  score?(state: P, node: NodeInfo, pod: PodInfo): number
  /** In place, over the scores of all feasible nodes. */
  normalize?(scores: Float64Array, state: P, nodes: readonly NodeInfo[]): void

  /** Takes what the pod will use, in the same turn in which the node was chosen; what comes back gives it up again when binding fails. */
  reserve?(pod: PodInfo, node: string, snapshot: Snapshot): (() => void) | Rejection | undefined
  permit?(pod: PodInfo, node: string): 'allow' | Rejection | { wait: Promise<void> }
  preBind?(pod: PodInfo, node: string, context: BindContext): Promise<void>
  /** True when it bound the pod; false leaves it to the next plugin. */
  bind?(pod: PodInfo, node: string, context: BindContext): Promise<boolean>
  postBind?(pod: PodInfo, node: string): void
}

/** No node takes the pod. */
export interface FilterFailure {
  /** Why not, for each of the snapshot's nodes. */
  readonly rejections: readonly (Rejection | undefined)[]
  /** Whether the pod fits a node as the snapshot is now: a plugin may take pods off, ask, and put them back. */
  fits(node: NodeInfo): Rejection | undefined
}

export interface PostFiltered {
  /** The node that the pod waits for from now on; an empty text: none any more; undefined: as before. */
  readonly nominate?: string
  /** Pods that leave that node for it. */
  readonly victims?: readonly PodInfo[]
  /** Why nothing can be done, or not now. */
  readonly message?: string
}

/** One of a list of plugins, whose states are its own business. */
export type AnyPlugin = Plugin<any, any>

export interface BindContext {
  readonly client: Client
  readonly signal: AbortSignal
}

/** preFilter or preScore: nothing to do for this pod. */
export const skip = Symbol('skip')

/** Why a pod does not fit. `resolvable`: evicting other pods of the node could help. */
export interface Rejection {
  readonly rejected: true
  readonly reasons: readonly string[]
  readonly resolvable: boolean
  /** Who rejected: set by the framework when the constant is made by `definePlugin`'s plugin. */
  readonly plugin: string
}

export function reject(plugin: string, reasons: string | readonly string[], options: { resolvable?: boolean } = {}): Rejection {
  return { rejected: true, plugin, reasons: typeof reasons === 'string' ? [reasons] : reasons, resolvable: options.resolvable ?? true }
}

export const isRejection = (value: unknown): value is Rejection => typeof value === 'object' && value !== null && (value as Rejection).rejected === true

/** preFilter's answer when only some nodes can pass: the others are never looked at. */
export interface Narrowed<S> {
  readonly narrowed: true
  readonly nodes: ReadonlySet<string>
  readonly state: S
}
export const narrow = <S>(nodes: ReadonlySet<string>, state: S): Narrowed<S> => ({ narrowed: true, nodes, state })
export const isNarrowed = (value: unknown): value is Narrowed<unknown> => typeof value === 'object' && value !== null && (value as Narrowed<unknown>).narrowed === true

/** What the queue orders pods by. */
export interface QueueOrder {
  readonly priority: number
  /** Its place among all that were ever added. */
  readonly added: number
}

export interface Hint<T extends KubeObject = any> {
  readonly resource: ResourceRef<T>
  /** Whether a change may make the rejected pod schedulable. `object` undefined: deleted; `old` undefined: added. */
  readonly hint: (change: { object?: T; old?: T }, pod: PodInfo) => 'queue' | 'skip'
}

export function on<T extends KubeObject>(resource: ResourceRef<T>, hint: Hint<T>['hint']): Hint<T> {
  return { resource, hint }
}

export function definePlugin<S = undefined, P = undefined>(plugin: Plugin<S, P>): Plugin<S, P> {
  return plugin
}

export const maxNodeScore = 100
