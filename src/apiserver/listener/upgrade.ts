import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { ApiError } from '#apimachinery/api-error'
import type { Log } from '#component-base/log'
import type { Credentials } from '../authentication/authenticator'
import { withRepeatedHeaders } from '../authentication/repeated-headers'
import { finish, type Handler } from '../handler-chain'
import { isFault, statusOf } from '../status'
import { HttpExchange } from './http-exchange'
import { formFor, respond } from './respond'

/** A connection that asks for another protocol (exec, attach, portforward, proxies): through the same chain, then handed over. */
export function serveUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, credentials: Credentials, handler: Handler, log: Log): void {
  socket.on('error', (error) => log.debug('upgraded connection failed', { error }))
  const upgrade = { protocol: String(request.headers.upgrade ?? ''), rawHeaders: request.rawHeaders, head, socket }
  const exchange = new HttpExchange(
    request.method ?? 'GET', request.url ?? '/', withRepeatedHeaders(request.headers, request.rawHeaders), credentials, request.socket.remoteAddress ?? '', async () => new Uint8Array(),
    (callback) => void socket.once('close', callback), upgrade,
  )
  void (async () => {
    try {
      const result = await handler(exchange)
      if (upgrade.protocol.toLowerCase() === 'websocket' && (result.sort === 'stream' || result.sort === 'watch' || (result.sort === 'bytes' && result.code < 300))) {
        const { acceptWebSocket } = await import('./web-socket')
        const wire = await acceptWebSocket(request, socket, head, result.sort === 'watch' && !exchange.form.streamType.includes('protobuf'))
        socket.once('close', () => finish(exchange, 101))
        respond(wire, exchange, formFor(result, exchange.form), result)
        return
      }
      if (result.sort === 'bytes') {
        finish(exchange, result.code)
        socket.end(responseText(result.code, { 'content-type': result.contentType, ...result.headers }, result.bytes))
        return
      }
      if (result.sort !== 'taken') throw new ApiError(400, 'BadRequest', `${exchange.info.path} cannot be upgraded to ${upgrade.protocol}`)
      socket.once('close', () => finish(exchange, 101))
    } catch (error) {
      if (isFault(error)) log.error('upgrade failed', { error, path: exchange.info.path })
      const status = statusOf(error)
      finish(exchange, status.code ?? 500)
      socket.end(responseText(status.code ?? 500, { 'content-type': 'application/json' }, JSON.stringify(status)))
    }
  })()
}

/** A whole answer on a connection that was not handed over, and ends with it. */
function responseText(code: number, headers: Readonly<Record<string, string>>, body: Uint8Array | string): Buffer {
  let head = `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Unknown'}\r\n`
  for (const name in headers) if (headers[name] !== '') head += `${name}: ${headers[name]}\r\n`
  const bytes = Buffer.from(body as string)
  return Buffer.concat([Buffer.from(`${head}content-length: ${bytes.length}\r\nconnection: close\r\n\r\n`), bytes])
}
