import type { KubeObject } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import type { Pod, Volume } from '#api/core/v1/types'
import type { Allocatable } from '../pod/field-path'
import type { Mounts } from './mounts'

/** One kind of volume, `pod.spec.volumes[*].<source>`. */
export interface VolumePlugin<S extends Source = Source> {
  readonly source: S
  /**
   * Makes the volume, or brings it up to date: called at each sync of the pod and after every restart, so it must be
   * idempotent. Throws MountError with words for the pod's events.
   */
  setUp(source: NonNullable<Volume[S]>, context: VolumeContext): Promise<SetUp>
  /** Takes away what `setUp` made; idempotent. The pod's spec may be unknown by then. */
  tearDown(context: TearDownContext): Promise<void>
}

export type Source = Exclude<keyof Volume, 'name'>
/** `path`: where the volume is when it is not in `dir`. `againInMs`: the content gets old by then. */
export interface SetUp { path?: string; againInMs?: number }

export interface TearDownContext { dir: string; mounts: Mounts }
export interface VolumeContext extends TearDownContext {
  readonly volume: Volume
  readonly pod: Pod
  readonly objects: VolumeObjects
  readonly tokens: Tokens
  readonly node: Allocatable
  readonly hostIps: readonly string[]
}

/** Objects that volumes show. Each that was asked for is followed, and its pods are looked at again when it changes. */
export interface VolumeObjects {
  /** Undefined: there is none of that name. */
  get<T extends KubeObject>(resource: ResourceRef<T>, pod: Pod, name: string): Promise<T | undefined>
  /** The same without following it: claims and volumes may only be read by a node, one by one. */
  read<T extends KubeObject>(resource: ResourceRef<T>, pod: Pod, name: string): Promise<T | undefined>
  /** The pod wants nothing any more. */
  release(podUid: string): void
}

export interface Tokens {
  /** A token of the pod's service account, and the time (ms since 1970) at which it wants to be replaced. */
  get(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<{ token: string; refreshAt: number }>
  release(podUid: string): void
}

export function defineVolumePlugin<S extends Source>(plugin: VolumePlugin<S>): VolumePlugin {
  return plugin as unknown as VolumePlugin
}
