import type { Http2SecureServer } from 'node:http2'
import type { Socket } from 'node:net'

/** Where a server's connections come from when somebody else has its port: one port may have several processes behind it. */
export interface Connections {
  /** What it is reached by. */
  readonly host: string
  readonly port: number
  /** Hands over each connection, before TLS, until that is disposed of. */
  take(serve: (socket: Socket) => void): Disposable
}

/** Has a server serve connections of somebody else. Calling what comes back ends that; it resolves when the last of them is gone. */
export function serveConnections(server: Http2SecureServer, connections: Connections): () => Promise<void> {
  const open = new Set<Socket>()
  let gone: (() => void) | undefined
  const taking = connections.take((socket) => {
    open.add(socket)
    socket.on('close', () => {
      open.delete(socket)
      if (open.size === 0) gone?.()
    })
    server.emit('connection', socket)
  })
  // From here on Node looks after the time limits of HTTP/1.1.
  server.emit('listening')
  return () => new Promise((resolve) => {
    gone = resolve
    taking[Symbol.dispose]()
    server.close()
    if (open.size === 0) resolve()
  })
}
