import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import type { UserInfo } from '../authentication/authenticator'
import type { Kind } from '../kinds'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

export interface AdmissionRequest<T extends KubeObject = KubeObject> {
  readonly operation: Operation
  readonly resource: Resource<T>
  /** The version that was asked for; `resource` is its kind's every version. Objects here are of the storage version. */
  readonly kind: Kind
  readonly subresource: string
  readonly namespace: string
  /** Empty for a create with generateName that has no name yet. */
  readonly name: string
  /** What will be written; a mutating plugin changes it in place. Undefined on delete. */
  readonly object: T | undefined
  /** What stands there; frozen. Undefined on create. */
  readonly old: T | undefined
  /** CreateOptions, UpdateOptions, DeleteOptions, or what a connect was asked with. */
  readonly options: unknown
  readonly dryRun: boolean
  readonly user: UserInfo
  /** Whether a feature gate is on. */
  enabled(gate: string): boolean
  /** Mutating admission may be asked twice: 1 the second time. */
  round: 0 | 1
  /** Set by who changed the object, where others that saw it before may want to see it again. */
  again: boolean
  /** Adds a `Warning` header to the answer. */
  warn(text: string): void
  /** Adds an annotation to the audit event, where there is one. */
  annotate(key: string, value: string): void
}

/** Checks or changes what passes authorization, before it is validated and written. Throws `ApiError` to refuse. */
export interface AdmissionPlugin {
  /** As in `--enable-admission-plugins`: `NamespaceLifecycle`. */
  readonly name: string
  /** Follows from these alone: the answer is kept. */
  handles(operation: Operation, resource: Resource, subresource: string): boolean
  /** May change `request.object`. A promise only where it must be: most writes then stay synchronous up to the store. */
  admit?(request: AdmissionRequest): void | Promise<void>
  validate?(request: AdmissionRequest): void | Promise<void>
}
