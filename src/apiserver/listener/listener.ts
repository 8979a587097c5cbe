import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Session, type ServerHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { PeerCertificate, SecureContextOptions, TLSSocket } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import { systemClock, type Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import type { Credentials } from '../authentication/authenticator'
import { withRepeatedHeaders } from '../authentication/repeated-headers'
import type { Form } from '../encoding/form'
import type { Exchange, Result } from '../exchange'
import { finish, type Handler } from '../handler-chain'
import { isFault } from '../status'
import { isLongRunning } from '../long-running'
import { type Connections, serveConnections } from './connections'
import { askedTimeout, Deadlines, type Due, timedOut } from './deadlines'
import { forBrowsers, isPreflight, type BrowserOptions } from './browsers'
import { createDraining } from './draining'
import { collect, HttpExchange, noBody } from './http-exchange'
import { http1Wire, http2Wire } from './wires'
import { formFor, respond, respondError, type Wire } from './respond'
import { endWhenSilent, longestSilence } from './silence'
import { serveUpgrade } from './upgrade'

export interface ListenerOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly tls: ListenerTls
  /** Instead of a port of its own. */
  readonly connections?: Connections
  readonly maxBodyBytes: number
  /** Milliseconds that a request may take, a minute unless said otherwise; what lasts by its nature has no end. */
  readonly requestTimeout?: number
  /** Requests at one time on one HTTP/2 connection. */
  readonly maxStreams?: number
  /** How often, of 1, a client of HTTP/2 is asked to connect again. */
  readonly goawayChance?: number
  /** Milliseconds after which a silent HTTP/2 client is asked whether it is there still. */
  readonly silence?: number
  readonly browsers?: BrowserOptions
  /** While the server goes, new requests are told when to come back; otherwise they are not let in. */
  readonly sendRetryAfter?: boolean
}
export interface ListenerTls {
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
  /** TLS 1.2 unless said otherwise. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Whose client certificates are asked for; verification is the authenticator's. */
  readonly clientCa?: string | Uint8Array | ClientCas
  /** By server name, where several certificates are served. */
  readonly sni?: (name: string) => SecureContextOptions | undefined
}
/** Authorities that may be replaced while the port is open: new connections hear of the new ones. */
export interface ClientCas {
  /** PEM. */
  current(): string
  changed(callback: () => void): Disposable
}
export interface Listener extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Lets nothing new in. `answered` when everything that had begun is, watches and connections aside; `lastingGone` when they are gone too. */
  drain(): { readonly answered: Promise<void>; readonly lastingGone: Promise<void> }
}

/** How long answers may be on their way when the server closes. */
const flushTime = 1000

export interface ListenerDeps {
  readonly handler: Handler
  readonly log: Log
  readonly clock?: Clock
}

/** One port for HTTP/2 and HTTP/1.1 (by ALPN) over TLS. */
export async function listen({ host, port, tls, connections, maxBodyBytes, requestTimeout = 60_000, maxStreams = 2000, goawayChance = 0, silence = longestSilence, browsers, sendRetryAfter = false }: ListenerOptions, deps: ListenerDeps): Promise<Listener> {
  const { handler, log, clock = systemClock } = deps
  const { clientCa } = tls
  const changing = clientCa && typeof clientCa === 'object' && 'current' in clientCa ? clientCa : undefined
  const context = (): SecureContextOptions => {
    const ca = changing ? changing.current() : (clientCa as string | Buffer | undefined)
    return { key: tls.key as string | Buffer, cert: tls.cert as string | Buffer, ...(ca ? { ca } : {}) }
  }
  const server = createSecureServer({
    ...context(), ...(tls.minVersion ? { minVersion: tls.minVersion } : {}),
    requestCert: true, rejectUnauthorized: false, allowHTTP1: true,
    // Node ends large answers with ENHANCE_YOUR_CALM below this (its default is 10 MB a connection).
    maxSessionMemory: 4000,
    settings: { initialWindowSize: 1 << 24, maxConcurrentStreams: maxStreams },
  })
  // As much as Go takes: selectors are long. With HTTP/2 nobody is asked: a field of more than 64 kB ends the connection.
  ;(server as { maxHeaderSize?: number }).maxHeaderSize = 1 << 20
  const sockets = new Set<Duplex>()
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', (error) => log.debug('connection failed', { error }))
  })
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', (session) => {
    // A Bun client stalls behind this call.
    if (!process.versions.bun) session.setLocalWindowSize(1 << 26)
    endWhenSilent(session, clock, silence)
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  server.on('sessionError', (error) => log.debug('HTTP/2 session failed', { error }))
  server.on('tlsClientError', (error) => log.debug('TLS handshake failed', { error }))

  const dress = await forBrowsers(browsers)
  const deadlines = new Deadlines(clock, requestTimeout)
  const draining = createDraining(sendRetryAfter)
  const answer = (exchange: HttpExchange, wire: Wire): void => {
    const lasting = isLongRunning(exchange.info)
    let over = false
    draining.begun(lasting)
    const done = (code: number | undefined): void => {
      finish(exchange, code ?? 200)
      draining.done(lasting)
    }
    const send = (form: Form, result: Result): void => {
      const code = respond(wire, exchange, form, result)
      // These have begun, and are over when the last of them has gone out.
      if (result.sort === 'watch' || result.sort === 'list' || result.sort === 'stream') wire.closed(() => done(code))
      else done(code)
    }
    const failed = (error: unknown): void => {
      if (isFault(error)) log.error('request failed', { error, path: exchange.info.path, verb: exchange.info.verb })
      const form = exchange.formOfRefusal
      const refuse = (): void => done(respondError(wire, exchange, error, form))
      void (form.prepare?.(undefined)?.then(refuse) ?? refuse())
    }
    const write = (result: Result): void | Promise<void> => {
      const form = formFor(result, exchange.form)
      const waiting = form.prepare?.(result)
      if (waiting) return waiting.then(() => send(form, result))
      send(form, result)
    }
    try {
      draining.refuse(exchange)
      const timeout = lasting ? undefined : askedTimeout(exchange.info)
      if (timeout !== undefined) exchange.deadlineMs = timeout
      const result = handler(exchange)
      if (!(result instanceof Promise)) return void write(result)?.catch(failed)
      if (lasting) return void result.then(write).catch(failed)
      const due: Due = {
        slot: -1, at: 0,
        expired() {
          over = true
          failed(timedOut())
          exchange.abandon()
        },
      }
      deadlines.add(due, timeout)
      const inTime = <T>(act: (value: T) => void | Promise<void>) => (value: T): void | Promise<void> => {
        deadlines.done(due)
        if (!over) return act(value)
      }
      void result.then(inTime(write), inTime(failed)).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw?: string[]) => {
    if (goawayChance > 0 && Math.random() < goawayChance) stream.session?.goaway(constants.NGHTTP2_NO_ERROR)
    const wire = dress ? dress(http2Wire(stream), headers as Exchange['headers']) : http2Wire(stream)
    if (dress && isPreflight(headers[':method'], wire)) return
    const socket = stream.session?.socket as TLSSocket | undefined
    const plainHeaders = withRepeatedHeaders(headers as Exchange['headers'], raw)
    answer(new HttpExchange(
      headers[':method'] ?? 'GET', headers[':path'] ?? '/', plainHeaders, credentialsOf(plainHeaders, socket, raw), socket?.remoteAddress ?? '',
      stream.endAfterHeaders ? noBody : collect(stream, maxBodyBytes), wire.closed, undefined, stream,
    ), wire)
  })
  // Node would otherwise make compatibility objects for every HTTP/2 stream as soon as somebody listens for requests.
  server.removeAllListeners('newListener')
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.httpVersionMajor > 1) return
    if (draining.active) response.shouldKeepAlive = false
    const wire = dress ? dress(http1Wire(response), request.headers) : http1Wire(response)
    if (dress && isPreflight(request.method, wire)) return
    const headers = withRepeatedHeaders(request.headers, request.rawHeaders)
    answer(new HttpExchange(
      request.method ?? 'GET', request.url ?? '/', headers, credentialsOf(headers, request.socket as TLSSocket, request.rawHeaders), request.socket.remoteAddress ?? '',
      collect(request, maxBodyBytes), wire.closed, undefined, request,
    ), wire)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    serveUpgrade(request, socket, head, credentialsOf(request.headers, socket as TLSSocket, request.rawHeaders), handler, log)
  })

  const watching = changing?.changed(() => server.setSecureContext(context()))
  const close = connections ? serveConnections(server, connections) : (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  const bound = connections ? connections.port : await bind(server, host, port)
  let listening: Promise<void> | undefined
  const stopListening = (): Promise<void> => (listening ??= close())
  return {
    host: connections?.host ?? host,
    port: bound,
    drain() {
      const { answered, lastingGone } = draining.start()
      if (!sendRetryAfter) void stopListening()
      // Streams that there are go on to their end; the other side opens no new ones.
      for (const session of sessions) session.close()
      return { answered, lastingGone }
    },
    async [Symbol.asyncDispose]() {
      watching?.[Symbol.dispose]()
      deadlines[Symbol.dispose]()
      draining.start()
      const closed = stopListening()
      // What was answered is to arrive: connections are closed from this side and get a moment to go by themselves.
      for (const session of sessions) session.close()
      // A session ends its own socket, when its frames are out.
      for (const socket of sockets) if ((socket as TLSSocket).alpnProtocol !== 'h2') socket.end()
      const patience = systemClock.after(flushTime, () => {
        for (const socket of sockets) socket.destroy()
      })
      await closed
      patience[Symbol.dispose]()
    },
  }
}

function bind(server: Http2SecureServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Whatever is sent along: nobody's way to an authority is longer. */
const longestChain = 10

/** One certificate object for each connection, so that what was verified is remembered by it. */
const certificates = new WeakMap<object, Pick<Credentials, 'certificate' | 'intermediates'>>()

function credentialsOf(headers: Exchange['headers'], socket: TLSSocket | undefined, raw: readonly string[] = []): Credentials {
  if (!socket) return { headers }
  let known = certificates.get(socket)
  if (!known) certificates.set(socket, (known = presentedBy(socket)))
  return known.certificate ? { headers, rawHeaders: raw, ...known } : { headers }
}

function presentedBy(socket: TLSSocket): Pick<Credentials, 'certificate' | 'intermediates'> {
  const given = socket.getPeerX509Certificate?.()
  const { raw } = (given ? {} : (socket.getPeerCertificate?.() ?? {})) as Partial<PeerCertificate>
  const certificate = given ?? (raw ? new X509Certificate(raw) : undefined)
  if (!certificate) return {}
  const intermediates: X509Certificate[] = []
  for (let next = certificate.issuerCertificate; next && intermediates.length < longestChain; next = next.issuerCertificate) intermediates.push(next)
  return intermediates.length > 0 ? { certificate, intermediates } : { certificate }
}
