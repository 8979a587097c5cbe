import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { connectSpdy, upgrade } from './spdy-client'
import type { SpdyStream } from './spdy-client'

/** How a client wants exec, attach or port-forward: by what it offers when it upgrades. */
export type Offer = 'spdy' | 'websocket' | 'websocket-v5' | 'websocket-tunnel'

export function offerOf(request: IncomingMessage): Offer | undefined {
  const kind = String(request.headers.upgrade ?? '').toLowerCase()
  if (kind.startsWith('spdy/')) return 'spdy'
  if (kind !== 'websocket') return undefined
  const protocols = protocolsOf(request)
  if (protocols.includes(tunnelProtocol)) return 'websocket-tunnel'
  return protocols.includes(v5) ? 'websocket-v5' : 'websocket'
}

const v5 = 'v5.channel.k8s.io'
const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io'
const protocolsOf = (request: IncomingMessage): string[] => String(request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())

/** What the runtime's streaming server understands as it is: the bytes go through, both ways. */
export async function proxyUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, url: string): Promise<void> {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined && name !== 'host' && name !== 'authorization' && name !== 'x-stream-protocol-version') headers[name] = value
  // Several lines of one name: Node would join them, and the server wants the list as it was.
  const versions = request.headersDistinct['x-stream-protocol-version']
  if (versions) headers['x-stream-protocol-version'] = versions
  const { socket: backend, head: first, response } = await upgrade(url, headers, request.method)
  const lines = [`HTTP/1.1 101 Switching Protocols`]
  for (let i = 0; i < response.rawHeaders.length; i += 2) lines.push(`${response.rawHeaders[i]!}: ${response.rawHeaders[i + 1]!}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  if (first.length > 0) socket.write(first)
  if (head.length > 0) backend.write(head)
  join(socket, backend)
}

function join(a: Duplex, b: Duplex): void {
  a.pipe(b)
  b.pipe(a)
  const end = (): void => {
    a.destroy()
    b.destroy()
  }
  a.on('error', end).on('close', end)
  b.on('error', end).on('close', end)
}

const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => (offered.has(v5) ? v5 : false) })
// The tunnel's name holds a slash, which no subprotocol may and ws refuses: it is taken out on the way in and put back here.
const tunnels = new WebSocketServer({ noServer: true })
tunnels.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${tunnelProtocol}`))

const accept = (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> => new Promise((resolve) => sockets.handleUpgrade(request, socket, head, resolve))
function acceptTunnel(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket> {
  delete request.headers['sec-websocket-protocol']
  return new Promise((resolve) => tunnels.handleUpgrade(request, socket, head, resolve))
}

/** Port-forward of today's kubectl: SPDY inside WebSocket messages; unwrapped, it is what the runtime speaks. */
export async function tunnelSpdy(request: IncomingMessage, socket: Duplex, head: Buffer, url: string): Promise<void> {
  const { socket: backend, head: first } = await upgrade(url, { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' })
  const front = await acceptTunnel(request, socket, head)
  if (first.length > 0) front.send(first)
  backend.on('data', (piece: Buffer) => front.send(piece))
  backend.on('close', () => front.close(1000)).on('end', () => front.close(1000)).on('error', () => front.close(1011))
  front.on('message', (message: Buffer) => backend.write(message))
  front.on('close', () => backend.destroy()).on('error', () => backend.destroy())
}

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/**
 * Exec and attach over WebSocket v5, which no containerd speaks: its channels become SPDY streams, since only those can be
 * closed one by one, and that is how a client says that there is no more input.
 */
export async function translateV5(request: IncomingMessage, socket: Duplex, head: Buffer, url: string, wants: { stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean }): Promise<void> {
  const { session } = await connectSpdy(url, ['v4.channel.k8s.io'])
  const open = (streamType: string): Promise<SpdyStream> => session.open({ streamType })
  const error = await open('error')
  const stdin = wants.stdin ? await open('stdin') : undefined
  const stdout = wants.stdout ? await open('stdout') : undefined
  const stderr = wants.stderr && !wants.tty ? await open('stderr') : undefined
  const resize = wants.tty ? await open('resize') : undefined
  const front = await accept(request, socket, head)
  const send = (to: number) => (bytes: Buffer): void => front.send(Buffer.concat([Buffer.from([to]), bytes]))
  stdout?.onData(send(channel.stdout))
  stderr?.onData(send(channel.stderr))
  error.onData(send(channel.error))
  front.on('message', (raw: Buffer) => {
    const [to, ...rest] = [raw[0], raw[1]]
    if (to === channel.stdin) stdin?.write(raw.subarray(1))
    else if (to === channel.resize) resize?.write(raw.subarray(1))
    else if (to === channel.close && rest[0] === channel.stdin) stdin?.end()
  })
  front.on('close', () => session.close()).on('error', () => session.close())
  await session.closed
  front.close(1000)
}
