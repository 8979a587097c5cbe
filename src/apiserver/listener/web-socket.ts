import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Wire } from './respond'

/** How streams go out where a client asks for them over a WebSocket: as bytes, or in base64 as text. */
const base64 = 'base64.binary.k8s.io'
const protocols = ['binary.k8s.io', base64]

const server = new WebSocketServer({ noServer: true, handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false })

/**
 * Takes a connection over and hands back where an answer is written to. `lines`: the answer is text of which each line is a message of
 * its own (the events of a watch in JSON).
 */
export async function acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, lines: boolean): Promise<Wire> {
  const webSocket = await new Promise<WebSocket>((resolve) => server.handleUpgrade(request, socket, head, resolve))
  const send = (bytes: Uint8Array | string): void => {
    if (lines) {
      for (const line of Buffer.from(bytes as string).toString('utf8').split('\n')) if (line !== '') webSocket.send(line)
    } else if (bytes.length > 0) {
      if (webSocket.protocol === base64) webSocket.send(Buffer.from(bytes as string).toString('base64'))
      else webSocket.send(bytes, { binary: true })
    }
  }
  return {
    // What an answer says of itself has no place here: the connection was accepted.
    head() {},
    write(bytes) {
      send(bytes)
      return !socket.writableNeedDrain
    },
    end(bytes) {
      if (bytes) send(bytes)
      webSocket.close()
    },
    cut: () => webSocket.terminate(),
    drained: (callback) => void socket.once('drain', callback),
    closed: (callback) => void webSocket.once('close', callback),
  }
}
