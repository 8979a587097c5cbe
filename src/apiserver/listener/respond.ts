import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { EventBatch } from '../cache/watcher'
import { jsonForm } from '../encoding/json-form'
import { Spares, type Form } from '../encoding/form'
import type { Exchange, ListResult, Result, WatchResult } from '../exchange'
import { PlainRefusal } from '../plain-refusal'
import { statusOf } from '../status'
import { watchCounts } from './watch-counts'

/** Where an answer is written to: an HTTP/2 stream or an HTTP/1.1 response. */
export interface Wire {
  /** `atOnce`: what follows may take its time, and the client is to know that it was heard. */
  head(code: number, headers: Record<string, string | readonly string[]>, atOnce?: boolean): void
  /** False: wait for `drained`. */
  write(bytes: Uint8Array): boolean
  end(bytes?: Uint8Array | string): void
  /** Breaks off: the other side must not take what it has for the whole. */
  cut(): void
  /** Calls back once, when more can be written; never when the other side is gone. */
  drained(callback: () => void): void
  /** Calls back once, when the other side is gone or everything was sent. */
  closed(callback: () => void): void
}

/** What an answer says of its request. */
type Answered = Pick<Exchange, 'warnings' | 'auditId' | 'flow'>

type Headers = Record<string, string | readonly string[]>

/** Headers of every answer; `Warning`s are counted in. */
export function headersOf(exchange: Answered, contentType: string): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = { 'audit-id': exchange.auditId, 'cache-control': 'no-cache, private' }
  if (contentType !== '') headers['content-type'] = contentType
  const { flow } = exchange
  if (flow) {
    headers['x-kubernetes-pf-flowschema-uid'] = flow.schemaUid
    headers['x-kubernetes-pf-prioritylevel-uid'] = flow.levelUid
  }
  if (exchange.warnings.length > 0) headers.warning = exchange.warnings.map((text) => `299 - ${quoted(text)}`)
  return headers
}

const quoted = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/\p{Cc}/gu, ' ')}"`

/** What is no object of the API (versions, paths) is JSON for everybody. */
export function formFor(result: Result, form: Form): Form {
  return result.sort === 'object' && (result.object as { kind?: string }).kind === undefined ? jsonForm : form
}

/** Writes a result; returns the code, or undefined where the connection was taken over. */
export function respond(wire: Wire, exchange: Exchange, form: Form, result: Result): number | undefined {
  switch (result.sort) {
    case 'entry':
      return send(wire, exchange, result.code, headersOf(exchange, form.contentType), form.single(result.kind, result.entry))
    case 'list':
      return sendList(wire, exchange, form, result)
    case 'watch':
      wire.head(200, headersOf(exchange, form.streamType), true)
      follow(wire, result, form)
      return 200
    case 'object':
      return send(wire, exchange, result.code, { ...headersOf(exchange, form.contentType), ...result.headers }, form.value(result.object))
    case 'bytes':
      wire.head(result.code, { ...headersOf(exchange, result.contentType), ...result.headers })
      wire.end(result.bytes)
      return result.code
    case 'stream':
      wire.head(result.code, { 'audit-id': exchange.auditId, ...result.headers }, true)
      void pour(wire, result.bytes)
      return result.code
    case 'taken':
      return undefined
  }
}

/** A refusal, in the form that was asked for as far as it is known by now. */
export function respondError(wire: Wire, exchange: Answered, error: unknown, form: Form = jsonForm): number {
  const status = statusOf(error)
  const code = status.code ?? 500
  const plain = error instanceof PlainRefusal
  const headers = headersOf(exchange, plain ? 'text/plain; charset=utf-8' : form.contentType)
  if (plain) headers['x-content-type-options'] = 'nosniff'
  const seconds = status.details?.retryAfterSeconds
  if (seconds) headers['retry-after'] = String(seconds)
  wire.head(code, headers)
  wire.end(plain ? `${error.message}\n` : form.value(status))
  return code
}

/** Smaller answers are not worth compressing, in the original's judgement. */
const worthCompressing = 128 * 1024

/** By its bare name, as the original looks for it. */
function acceptsGzip({ headers }: Exchange): boolean {
  const accepts = headers['accept-encoding']
  return typeof accepts === 'string' && accepts.split(',').some((encoding) => encoding.trim() === 'gzip')
}
const compressed = (headers: Headers): Headers => ({ ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' })

function send(wire: Wire, exchange: Exchange, code: number, headers: Headers, bytes: Uint8Array): number {
  if (bytes.length > worthCompressing && acceptsGzip(exchange)) {
    wire.head(code, compressed(headers))
    void pour(wire, Readable.from([bytes]).pipe(createGzip({ level: 1 })))
  } else {
    wire.head(code, headers)
    wire.end(bytes)
  }
  return code
}

function sendList(wire: Wire, exchange: Exchange, form: Form, result: ListResult): number {
  const headers = headersOf(exchange, form.contentType)
  if (sizeOf(result) > worthCompressing && acceptsGzip(exchange)) {
    wire.head(200, compressed(headers))
    void pour(wire, Readable.from(form.list(result)).pipe(createGzip({ level: 1 })))
    return 200
  }
  wire.head(200, headers)
  sendPieces(wire, form.list(result, spares)[Symbol.iterator]())
  return 200
}

function sizeOf({ entries }: ListResult): number {
  let size = 0
  for (let i = 0; i < entries.length && size <= worthCompressing; i++) size += entries[i]!.bytes.length
  return size
}

const spares = new Spares()

function sendPieces(wire: Wire, pieces: Iterator<Uint8Array>): void {
  const sent: Uint8Array[] = []
  const send = (): void => {
    // A wire that has drained has nothing left of what was written.
    for (const piece of sent.splice(0)) spares.giveBack(piece)
    for (;;) {
      const { done, value } = pieces.next()
      if (done) return wire.end()
      sent.push(value)
      if (!wire.write(value)) return wire.drained(send)
    }
  }
  send()
}

/** Never rejects: a source that breaks (a follower of logs goes, a kubelet stops) breaks the answer off. */
async function pour(wire: Wire, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  let gone = false
  let wake = (): void => {}
  wire.closed(() => {
    gone = true
    wake()
  })
  try {
    for await (const piece of bytes) {
      if (gone) return
      if (!wire.write(piece)) await new Promise<void>((resolve) => wire.drained((wake = resolve)))
    }
    wire.end()
  } catch {
    wire.cut()
  }
}

function follow(wire: Wire, { kind, start, timeoutMs, after }: WatchResult, form: Form): void {
  let over = false
  const close = (): void => {
    if (over) return
    over = true
    timer?.[Symbol.dispose]()
    watch?.close()
    wire.end()
  }
  const timer = timeoutMs === undefined ? undefined : after(timeoutMs, close)
  let watch: ReturnType<WatchResult['start']> | undefined
  let waiting = false
  const resume = (): void => {
    waiting = false
    watch?.resume()
  }
  const write = (bytes: Uint8Array): boolean => {
    if (wire.write(bytes)) return true
    if (!waiting) {
      waiting = true
      wire.drained(resume)
    }
    return false
  }
  wire.closed(close)
  const counts = watchCounts.of(kind)
  let { firstFrames } = form
  const encode = (batch: EventBatch): Uint8Array => {
    if (!firstFrames) return (batch.made ??= form.frames(kind, batch.events)) as Uint8Array
    const bytes = firstFrames(kind, batch.events)
    firstFrames = undefined
    return bytes
  }
  watch = start({
    form: `${form.key} ${kind.apiVersion}`,
    events(batch: EventBatch) {
      if (over) return false
      const bytes = encode(batch)
      const { length } = batch.events
      counts.events += length
      counts.sizes.observe(bytes.length / length, length)
      return write(bytes)
    },
    bookmark: (revision, end) => void (over || write(form.bookmark(kind, revision, end))),
    end: (error) => {
      if (!over && error) wire.write(form.error(error.status))
      close()
    },
  })
  if (over) watch.close()
}
