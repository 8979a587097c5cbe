import type { KubeObject } from '#apimachinery/object'

/** One call of the API, before it is HTTP: the in-process transport hands it to the API server's handler chain as it is. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute, escaped: `/apis/apps/v1/namespaces/default/deployments/web/scale`. */
  path: string
  query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** An object, which the receiver then owns, or a patch. */
  body?: unknown
  /** Of the body; `application/json` unless a patch. */
  contentType?: string
  /** `application/json` unless said otherwise (Table, PartialObjectMetadata). */
  accept?: string
  signal?: AbortSignal
}

export interface Answer {
  code: number
  /** Deeply frozen. */
  body: unknown
  warnings: readonly string[]
}

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  /** Only `metadata.resourceVersion` counts; `metadata.annotations['k8s.io/initial-events-end']` closes a streamed list. */
  | { type: 'BOOKMARK'; object: T }

/** The way to an API server: over TLS (`http-transport.ts`), or in-process. Failures are `ApiError`s. */
export interface Transport extends AsyncDisposable {
  /** Where the server is reached from outside: `https://127.0.0.1:6443`. */
  readonly url: string
  request(call: Call): Promise<Answer>
  /**
   * Delivers events as they come, several at a time where several wait, in order. Resolves when the server or the signal
   * ends the watch; throws `ApiError` (410 among them) when it is refused or breaks.
   */
  watch(call: Call, deliver: (events: readonly WatchEvent[]) => void): Promise<void>
  /** The answer's bytes as they come: logs, proxies, metrics. */
  stream(call: Call): Promise<{ code: number; contentType: string; bytes: AsyncIterable<Uint8Array> }>
}
