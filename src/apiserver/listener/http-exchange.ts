import { randomUUID } from 'node:crypto'
import { ApiError } from '#apimachinery/api-error'
import type { Credentials, UserInfo } from '../authentication/authenticator'
import { jsonForm } from '../encoding/json-form'
import type { Form } from '../encoding/form'
import { negotiate } from '../encoding/negotiate'
import type { AuditRecord, Body, Exchange, Flow, Upgrade } from '../exchange'
import type { Kind } from '../kinds'
import type { RequestInfo } from '../request-info'
import { readRequestInfo } from '../request-path'

type Headers = Exchange['headers']

const nobody: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** A request that came over a connection. */
export class HttpExchange implements Exchange {
  readonly inProcess = false
  readonly method: string
  readonly info: RequestInfo
  readonly target: string
  readonly headers: Headers
  readonly warnings: string[] = []
  readonly finished: ((code: number) => void)[] = []
  readonly credentials: Credentials
  readonly remoteAddress: string
  readonly upgrade?: Upgrade
  readonly source?: NodeJS.ReadableStream
  flow?: Flow
  deadlineMs?: number
  audit?: AuditRecord
  user: UserInfo = nobody
  form: Form = jsonForm
  private settled = false
  private abandoned = false
  private readonly read: () => Promise<Uint8Array>
  private readonly onClosed: (callback: () => void) => void
  private abort: AbortController | undefined
  private id: string | undefined

  constructor(
    method: string, target: string, headers: Headers, credentials: Credentials, remoteAddress: string, read: () => Promise<Uint8Array>,
    onClosed: (callback: () => void) => void, upgrade?: Upgrade, source?: NodeJS.ReadableStream,
  ) {
    this.method = method
    this.target = target
    this.info = readRequestInfo(method, target)
    this.headers = headers
    this.credentials = credentials
    this.remoteAddress = remoteAddress
    this.read = read
    this.onClosed = onClosed
    if (upgrade) this.upgrade = upgrade
    if (source) this.source = source
  }

  get auditId(): string {
    return (this.id ??= givenId(this.headers) ?? randomUUID())
  }

  async body(): Promise<Body> {
    return { sort: 'bytes', bytes: await this.read() }
  }

  negotiate(kind: Kind | undefined, shapes?: boolean, list?: boolean): void {
    const { accept, 'user-agent': agent } = this.headers
    this.settled = true
    this.form = negotiate(Array.isArray(accept) ? accept.join(',') : accept, this.info.query, kind, shapes, list, typeof agent === 'string' ? agent : undefined).form
  }

  /** Who is refused early on (unauthenticated, forbidden) has not come to where forms are settled. */
  get formOfRefusal(): Form {
    if (!this.settled) {
      try {
        this.negotiate(undefined, false)
      } catch (error) {
        // Nothing that is accepted is served: the refusal that is at hand goes out as JSON.
        if (!(error instanceof ApiError)) throw error
      }
    }
    return this.form
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    if (this.abort) this.abort.abort()
    else this.abandoned = true
  }

  /** Made when somebody asks: most requests are done before anybody could go. */
  get signal(): AbortSignal {
    if (!this.abort) {
      const made = (this.abort = new AbortController())
      this.onClosed(() => made.abort())
      if (this.abandoned) made.abort()
    }
    return this.abort.signal
  }
}

/** Whoever asks may know the request by a name of its own; it is kept as it is. */
function givenId(headers: Headers): string | undefined {
  const given = headers['audit-id']
  return typeof given === 'string' && given !== '' ? given : undefined
}

const limitText = (bytes: number): string => `limit is ${bytes}`

const cutOff = (): ApiError => new ApiError(400, 'BadRequest', 'the request was cut off before its body was complete')

const none = Promise.resolve(new Uint8Array(0))

/** Of a request that ended with its headers. */
export const noBody = (): Promise<Uint8Array> => none

/** Collects a body up to a limit. Throws 413 beyond it. */
export function collect(source: NodeJS.ReadableStream & { readonly destroyed?: boolean; readonly aborted?: boolean }, limit: number): () => Promise<Uint8Array> {
  let collected: Promise<Uint8Array> | undefined
  return () => (collected ??= new Promise((resolve, reject) => {
    // Gone before anybody asked: it will say nothing more.
    if (source.destroyed) return reject(cutOff())
    const chunks: Uint8Array[] = []
    let size = 0
    let ended = false
    source.on('data', (chunk: Uint8Array) => {
      size += chunk.length
      if (size > limit) {
        reject(new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: ${limitText(limit)}`))
        chunks.length = 0
      } else chunks.push(chunk)
    })
    source.on('end', () => {
      ended = true
      // A stream that was reset without an error ends like one that is whole.
      if (source.aborted) return reject(cutOff())
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
    })
    source.on('error', reject)
    source.on('close', () => {
      if (!ended) reject(cutOff())
    })
  }))
}
