import type { Duplex } from 'node:stream'
import type { Clock } from '#base/clock'
import type { Credentials, UserInfo } from './authentication/authenticator'
import type { CacheEntry } from './cache/entry'
import type { Kind } from './kinds'
import type { RequestInfo } from './request-info'
import type { WatchStart } from './cache/watcher'

/**
 * One request on its way through the handler chain, whatever brought it: HTTP/2, HTTP/1.1 or a call in-process. A stop reads
 * it, may change `user`, and answers by setting nothing: the last stop returns the result.
 */
export interface Exchange {
  /** In-process callers are who they say they are; everybody else is authenticated. */
  readonly inProcess: boolean
  readonly method: string
  readonly info: RequestInfo
  /** As it came: `/api/v1/pods?limit=1`. */
  readonly target: string
  /** What the request is called in the logs of both sides: given in `Audit-ID`, else made up. Answers carry it. */
  readonly auditId: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  user: UserInfo
  /** Texts of `Warning: 299` headers, in the order in which they were given. */
  readonly warnings: string[]
  /** What the handler holds against the answer's end: seats of flow control, an audit record. Run once, in reverse. */
  readonly finished: ((code: number) => void)[]
  /** What was found out about the caller before there was an audit record to write it into. */
  annotations?: [key: string, value: string][]
  /** Set by flow control: by what the request was judged. Answers tell. */
  flow?: Flow
  /** Milliseconds that the request has in all, where there is an end. */
  deadlineMs?: number
  /** Set where this request is audited: whoever knows something about it writes it down. */
  audit?: AuditRecord
  readonly credentials: Credentials
  /** The object that an in-process caller handed over, which is ours now; or the bytes of a request. */
  body(): Promise<Body>
  /** The same bytes as they come, without a limit, for passing on. Absent where there is no connection. */
  readonly source?: NodeJS.ReadableStream
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal
  readonly remoteAddress: string
  /** Settles, before anything is done, in which form the answer goes out. Throws 406. */
  negotiate(kind: Kind | undefined, shapes?: boolean, list?: boolean): void
  /** Set where the client asked for another protocol on its connection (exec, attach, portforward, proxy). */
  readonly upgrade?: Upgrade
}

/** UIDs of the flow schema that matched and of its priority level. */
export interface Flow {
  readonly schemaUid: string
  readonly levelUid: string
}

/** What an audit event learns on a request's way. Objects are taken as they are at that moment, where the policy's level wants them. */
export interface AuditRecord {
  /** `authorization.k8s.io/decision`, `pod-security.kubernetes.io/enforce-policy`, and those of webhooks and policies. */
  annotate(key: string, value: string): void
  /** As it was sent and decoded. */
  requestObject(object: unknown): void
  /** As whom the request goes on, and the verb of constrained impersonation that allowed it. */
  impersonated(user: UserInfo, constraint?: string): void
}

export type Body = { readonly sort: 'object'; readonly object: unknown } | { readonly sort: 'bytes'; readonly bytes: Uint8Array }

/** A connection that leaves HTTP: the handler takes the socket over and writes the whole answer itself. */
export interface Upgrade {
  readonly protocol: string
  /** Header names as they came, for passing on. */
  readonly rawHeaders: readonly string[]
  readonly head: Uint8Array
  readonly socket: Duplex
}

/** What a request comes to, before it is put into the form that the client accepts. */
export type Result =
  /** A stored object. */
  | { readonly sort: 'entry'; readonly code: number; readonly kind: Kind; readonly entry: CacheEntry }
  | ListResult
  | WatchResult
  /** An object made for this answer (Status, Scale, reviews, discovery): `schema` encodes it, absent for meta/v1 kinds. */
  | { readonly sort: 'object'; readonly code: number; readonly object: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly sort: 'bytes'; readonly code: number; readonly contentType: string; readonly bytes: Uint8Array | string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly sort: 'stream'; readonly code: number; readonly headers: Readonly<Record<string, string | readonly string[]>>; readonly bytes: AsyncIterable<Uint8Array> }
  /** The handler took the connection over. */
  | { readonly sort: 'taken' }

export interface ListResult {
  readonly sort: 'list'
  readonly kind: Kind
  readonly entries: readonly CacheEntry[]
  readonly revision: number
  readonly continue?: string
  readonly remaining?: number
}

export interface WatchResult {
  readonly sort: 'watch'
  readonly kind: Kind
  /** Opens the watch; `undefined` timeouts last until somebody goes. */
  readonly start: WatchStart
  readonly timeoutMs: number | undefined
  readonly after: Clock['after']
}
