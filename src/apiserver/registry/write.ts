import type { KubeObject } from '#apimachinery/object'
import type { UserInfo } from '../authentication/authenticator'
import type { Kind } from '../kinds'

/** Who writes what, and how: everything about a write that is not the object. */
export interface WriteRequest {
  readonly kind: Kind
  readonly namespace: string
  /** Empty for a create: the object says it. */
  readonly name: string
  readonly subresource: string
  readonly user: UserInfo
  /** Field manager, or the first part of the user agent. */
  readonly manager: string
  readonly dryRun: boolean
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict'
  /** RFC 3339 with whole seconds. */
  readonly now: string
  /** The version that the request speaks. */
  readonly apiVersion: string
  /** Whether a feature gate is on. */
  enabled(gate: string): boolean
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions, as admission sees them. */
  readonly options: unknown
  /** What admission sees instead of the object, and what becomes of its changes: of subresources that show something else (scale). */
  readonly admittedAs?: { show(object: KubeObject): KubeObject; take(object: KubeObject, shown: KubeObject): void }
  warn(text: string): void
  annotate(key: string, value: string): void
}

/** RFC 3339 with whole seconds. */
export function rfc3339(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
  }
  return lastText
}

/** Writes of one second share its text: making it costs 1 us. */
let lastSecond = NaN
let lastText = ''
