import type { Registry } from '../registry/registry'

/** What the verbs work with. */
export interface Serving {
  readonly registry: Registry
  /** Bytes that a request's body may have; more is 413. */
  readonly maxBodyBytes: number
}
