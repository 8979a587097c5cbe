import { randomUUID } from 'node:crypto'
import { ApiError } from '#apimachinery/api-error'
import type { Status } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import { thaw } from '#base/clone'
import { readLines } from '#client/lines'
import type { Answer, Call, Transport, WatchEvent } from '#client/transport'
import type { UserInfo } from '../authentication/authenticator'
import { freeze } from '../cache/entry'
import type { EventBatch, WatchSink } from '../cache/watcher'
import { negotiate } from '../encoding/negotiate'
import { shapeEntry, shapeList, type Shape } from '../encoding/transforms'
import { shapedBookmark } from '../encoding/text-form'
import type { Body, Exchange, Result, WatchResult } from '../exchange'
import { finish, type Handler } from '../handler-chain'
import type { Kind } from '../kinds'
import { requestInfoOf } from '../request-path'
import { statusOf } from '../status'

export interface InProcessDeps {
  readonly handler: Handler
  readonly url: string
  readonly now: () => number
}

const never = new AbortController().signal
const noQuery = new URLSearchParams()

/** Calls of the same process: the same chain, but objects instead of bytes, and a user who needs no proof. */
export function inProcessTransport({ handler, url, now }: InProcessDeps, user: UserInfo): Transport {
  const open = new AbortController()

  async function ask(call: Call): Promise<{ result: Result; exchange: InProcessExchange }> {
    open.signal.throwIfAborted()
    call.signal?.throwIfAborted()
    const exchange = new InProcessExchange(call, user)
    try {
      return { result: await handler(exchange), exchange }
    } catch (error) {
      const status = statusOf(error)
      finish(exchange, status.code ?? 500)
      throw error instanceof ApiError ? error : ApiError.from(status)
    }
  }

  return {
    url,
    async request(call) {
      const { result, exchange } = await ask(call)
      let code = 500
      try {
        const answer = result.sort === 'stream' ? await readWhole(result, exchange) : answerOf(result, exchange, now())
        ;({ code } = answer)
        if (result.sort === 'stream' && code >= 400) throw ApiError.from(refusalOf(answer))
        return answer
      } catch (error) {
        if (error instanceof ApiError) ({ code } = error)
        throw error
      } finally {
        finish(exchange, code)
      }
    },
    async watch(call, deliver) {
      const { result, exchange } = await ask(call)
      try {
        if (result.sort === 'stream') return await followStream(result, deliver)
        if (result.sort !== 'watch') throw new ApiError(400, 'BadRequest', `${call.path} is no watch: ask with watch=true`)
        await follow(result, exchange, deliver, now, call.signal ? AbortSignal.any([call.signal, open.signal]) : open.signal)
      } finally {
        finish(exchange, 200)
      }
    },
    async stream(call) {
      const { result, exchange } = await ask(call)
      finish(exchange, 'code' in result ? result.code : 200)
      if (result.sort === 'stream') return { code: result.code, contentType: String(result.headers['content-type'] ?? ''), bytes: result.bytes }
      if (result.sort === 'bytes') return { code: result.code, contentType: result.contentType, bytes: once(result.bytes) }
      const { code, body } = answerOf(result, exchange, now())
      return { code, contentType: 'application/json', bytes: once(JSON.stringify(body)) }
    },
    async [Symbol.asyncDispose]() {
      open.abort()
    },
  }
}

async function* once(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield typeof bytes === 'string' ? Buffer.from(bytes) : bytes
}

type Stream = Extract<Result, { sort: 'stream' }>

/** What another server answers, passed on by the aggregator. */
async function readWhole({ code, headers, bytes }: Stream, { warnings }: InProcessExchange): Promise<Answer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return { code, body: bodyOf(String(headers['content-type'] ?? ''), Buffer.concat(chunks)), warnings }
}

const refusalOf = ({ code, body }: Answer): Status =>
  (body as Status | undefined)?.kind === 'Status' ? (body as Status) : new ApiError(code, '', String(body).trim() || `the server answered ${code}`).status

async function followStream(result: Stream, deliver: (events: readonly WatchEvent[]) => void): Promise<void> {
  if (result.code >= 400) throw ApiError.from(refusalOf(await readWhole(result, { warnings: [] } as unknown as InProcessExchange)))
  await readLines(result.bytes, (lines) => {
    const events: WatchEvent[] = []
    for (const line of lines) {
      const event = JSON.parse(line) as WatchEvent | { type: 'ERROR'; object: Status }
      if (event.type === 'ERROR') throw ApiError.from(event.object)
      events.push(freeze(event))
    }
    deliver(events)
  })
}

class InProcessExchange implements Exchange {
  readonly inProcess = true
  readonly method: string
  readonly info
  readonly headers
  readonly warnings: string[] = []
  readonly finished: ((code: number) => void)[] = []
  readonly remoteAddress = ''
  readonly signal: AbortSignal
  user: UserInfo
  shape: Shape = { as: 'object', includeObject: 'Metadata', version: 'v1' }
  private readonly call: Call
  private id: string | undefined

  constructor(call: Call, user: UserInfo) {
    this.call = call
    this.method = call.method
    this.user = user
    this.signal = call.signal ?? never
    this.info = requestInfoOf(call.method, call.path, queryOf(call.query))
    const type = call.contentType
    const agent = agentOf(user.name)
    const { accept } = call
    this.headers = type === undefined && accept === undefined ? agent : { ...agent, ...(type === undefined ? {} : { 'content-type': type }), ...(accept === undefined ? {} : { accept }) }
  }

  get target(): string {
    const { path, query } = this.info
    return query.size === 0 ? path : `${path}?${query.toString()}`
  }

  get auditId(): string {
    return (this.id ??= randomUUID())
  }

  get credentials() {
    return { headers: this.headers }
  }

  negotiate(kind: Kind | undefined, shapes?: boolean, list?: boolean): void {
    this.shape = this.call.accept === undefined ? this.shape : negotiate(this.call.accept, this.info.query, kind, shapes, list).shape
  }

  async body(): Promise<Body> {
    // What is written is made of parts of cached, frozen objects as often as not.
    return { sort: 'object', object: thaw(this.call.body) }
  }
}

const agents = new Map<string, Readonly<Record<string, string>>>()

/** What the program of that user calls itself where every component is one of its own: managed fields are under that name. */
function agentOf(user: string): Readonly<Record<string, string>> {
  let headers = agents.get(user)
  if (!headers) {
    headers = { 'user-agent': programOf(user) }
    if (agents.size < 10_000) agents.set(user, headers)
  }
  return headers
}

function programOf(user: string): string {
  if (user.startsWith('system:serviceaccount:kube-system:')) return 'kube-controller-manager'
  if (user.startsWith('system:node:')) return 'kubelet'
  return user === 'system:apiserver' ? 'kube-apiserver' : user.startsWith('system:kube-') ? user.slice('system:'.length) : 'navarch'
}

function queryOf(query: Call['query']): URLSearchParams {
  if (!query) return noQuery
  let made: URLSearchParams | undefined
  for (const name in query) {
    const value = query[name]
    if (value !== undefined && value !== '') (made ??= new URLSearchParams()).set(name, String(value))
  }
  return made ?? noQuery
}

/** JSON is parsed, as it is for callers from outside. */
function bodyOf(contentType: string, bytes: Uint8Array | string): unknown {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString()
  return contentType.startsWith('application/json') ? freeze(JSON.parse(text) as unknown) : text
}

function answerOf(result: Result, { shape, warnings }: InProcessExchange, now: number): Answer {
  switch (result.sort) {
    case 'entry':
      return { code: result.code, body: shapeEntry(result.kind, result.entry, shape, now, false), warnings }
    case 'list':
      return { code: 200, body: shapeList(result, shape, now, false), warnings }
    case 'object':
      return { code: result.code, body: freeze(result.object), warnings }
    case 'bytes':
      return { code: result.code, body: bodyOf(result.contentType, result.bytes), warnings }
    default:
      throw new ApiError(400, 'BadRequest', `this request answers with a ${result.sort}: use the transport's ${result.sort === 'watch' ? 'watch' : 'stream'}`)
  }
}

function follow(result: WatchResult, { shape }: InProcessExchange, deliver: (events: readonly WatchEvent[]) => void, now: () => number, signal: AbortSignal): Promise<void> {
  const { kind } = result
  return new Promise((resolve, reject) => {
    const close = (error?: unknown): void => {
      signal.removeEventListener('abort', onAbort)
      timer[Symbol.dispose]()
      watch?.close()
      if (error === undefined) resolve()
      else reject(error as Error)
    }
    const onAbort = (): void => close()
    const guarded = (events: readonly WatchEvent[]): boolean => {
      try {
        deliver(events)
      } catch (error) {
        close(error)
      }
      return true
    }
    const sink: WatchSink = {
      form: `objects ${shape.as} ${kind.apiVersion}`,
      events: (batch) => guarded(eventsOf(batch)),
      bookmark: (revision, end) => void guarded([{ type: 'BOOKMARK', object: freeze(shapedBookmark(kind, revision, end, shape)) as KubeObject }]),
      end: (error) => close(error),
    }
    const eventsOf = (batch: EventBatch): readonly WatchEvent[] =>
      (batch.made ??= batch.events.map(({ type, entry }) => ({ type, object: freeze(shapeEntry(kind, entry, shape, now(), false)) as KubeObject }))) as readonly WatchEvent[]
    const timer = result.timeoutMs === undefined ? { [Symbol.dispose]: () => {} } : result.after(result.timeoutMs, () => close())
    let watch: ReturnType<WatchResult['start']> | undefined
    signal.addEventListener('abort', onAbort, { once: true })
    watch = result.start(sink)
    if (signal.aborted) close()
  })
}
