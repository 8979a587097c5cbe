import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Wire } from './respond'

/** A stream that was cut takes nothing more: writes to it go nowhere. */
export function http2Wire(stream: ServerHttp2Stream): Wire {
  let gone = false
  stream.on('error', () => (gone = true))
  return {
    head(code, headers) {
      if (gone || stream.destroyed || stream.headersSent) return
      ;(headers as OutgoingHttpHeaders & Record<string, unknown>)[':status'] = code
      stream.respond(headers as never)
    },
    write: (bytes) => gone || stream.destroyed || stream.write(bytes),
    end(bytes) {
      if (!gone && !stream.destroyed && !stream.writableEnded) stream.end(bytes)
    },
    cut: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    drained: (callback) => void stream.once('drain', callback),
    closed: (callback) => void (stream.destroyed ? queueMicrotask(callback) : stream.once('close', callback)),
  }
}

export function http1Wire(response: ServerResponse): Wire {
  return {
    head(code, headers, atOnce) {
      if (!response.headersSent) response.writeHead(code, headers as OutgoingHttpHeaders)
      if (atOnce) response.flushHeaders()
    },
    write: (bytes) => response.destroyed || response.write(bytes),
    end(bytes) {
      if (!response.writableEnded) response.end(bytes)
    },
    cut: () => void response.destroy(),
    drained: (callback) => void response.once('drain', callback),
    closed: (callback) => void (response.destroyed ? queueMicrotask(callback) : response.once('close', callback)),
  }
}
