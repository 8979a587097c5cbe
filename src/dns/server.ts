import { createSocket, type Socket } from 'node:dgram'
import { createServer, type Server } from 'node:net'
import type { Log } from '#component-base/log'
import { framed } from './upstream'

export type Respond = (message: Buffer, over: 'udp' | 'tcp') => Promise<Buffer | undefined>

/** Listens for DNS over UDP and TCP on one address. Resolves once both listen. */
export async function listen(address: string, port: number, respond: Respond, log: Log): Promise<AsyncDisposable & { port: number }> {
  const udp = await openUdp(address, port, respond, log)
  try {
    const tcp = await openTcp(address, udp.address().port, respond, log)
    return {
      port: udp.address().port,
      async [Symbol.asyncDispose]() {
        await Promise.all([new Promise<void>((resolve) => udp.close(() => resolve())), new Promise((resolve) => tcp.close(resolve))])
      },
    }
  } catch (error) {
    udp.close()
    throw error
  }
}

function openUdp(address: string, port: number, respond: Respond, log: Log): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', reject)
    socket.on('message', (message, from) => {
      respond(message, 'udp').then(
        (answer) => answer && socket.send(answer, from.port, from.address),
        (error: unknown) => log.error('a DNS question was not answered', { error }),
      )
    })
    socket.bind(port, address, () => {
      socket.off('error', reject)
      socket.on('error', (error) => log.error('DNS over UDP', { error }))
      resolve(socket)
    })
  })
}

/** Connections that ask nothing for this long are closed. */
const idle = 10_000

function openTcp(address: string, port: number, respond: Respond, log: Log): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      let received: Buffer = Buffer.alloc(0)
      socket.setTimeout(idle, () => socket.destroy())
      socket.on('error', (error) => log.debug('a DNS connection broke', { error }))
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
        while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
          const message = received.subarray(2, 2 + received.readUInt16BE(0))
          received = received.subarray(2 + message.length)
          respond(message, 'tcp').then(
            (answer) => answer && socket.writable && socket.write(framed(answer)),
            (error: unknown) => log.error('a DNS question was not answered', { error }),
          )
        }
      })
    })
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      server.on('error', (error) => log.error('DNS over TCP', { error }))
      resolve(server)
    })
  })
}
