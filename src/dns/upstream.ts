import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'

/** Hands a question on as it came and gives back the answer's bytes. Throws when nobody answers. */
export type Forward = (message: Buffer, over: 'udp' | 'tcp') => Promise<Buffer>

export interface UpstreamOptions {
  /** Addresses, with or without a port: `8.8.8.8`, `127.0.0.1#5353`. */
  servers: readonly string[]
  /** Milliseconds that one server may take. */
  timeout?: number
}

/** Asks the servers in turn until one answers, beginning with the one that answered last. */
export function forwardTo({ servers, timeout = 2000 }: UpstreamOptions): Forward {
  let first = 0
  return async (message, over) => {
    let last: unknown = new Error('no upstream DNS server is known: name one in /etc/resolv.conf or with --resolv-conf')
    for (let i = 0; i < servers.length; i++) {
      const at = (first + i) % servers.length
      const [address, port = '53'] = servers[at]!.split('#')
      try {
        const answer = await (over === 'udp' ? askUdp : askTcp)(message, address!, Number(port), timeout)
        first = at
        return answer
      } catch (error) {
        last = error
      }
    }
    throw last
  }
}

function askUdp(message: Buffer, address: string, port: number, timeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    const timer = setTimeout(() => finish(() => reject(new Error(`${address} did not answer within ${timeout} ms`))), timeout)
    const finish = (then: () => void): void => {
      clearTimeout(timer)
      socket.close()
      then()
    }
    socket.once('error', (error) => finish(() => reject(error)))
    socket.on('message', (answer) => {
      // Somebody else's answer (or a forged one) has another id.
      if (answer.length >= 2 && answer.readUInt16BE(0) === message.readUInt16BE(0)) finish(() => resolve(answer))
    })
    // Connected: the kernel drops what does not come from this server, and reports that nobody listens.
    socket.connect(port, address, () => socket.send(message))
  })
}

function askTcp(message: Buffer, address: string, port: number, timeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, timeout })
    let received: Buffer = Buffer.alloc(0)
    socket.once('timeout', () => socket.destroy(new Error(`${address} did not answer within ${timeout} ms`)))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`${address} closed the connection before it had answered`)))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)))
      socket.destroy()
    })
    socket.write(framed(message))
  })
}

/** DNS over TCP puts the length before each message. */
export function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(message.length)
  return Buffer.concat([head, message])
}

/** The nameservers of a resolv.conf, less our own address: a server that asks itself never ends. */
export async function nameserversOf(file: string, own: string): Promise<string[]> {
  const text = await readFile(file, 'utf8')
  const found = text.split('\n').map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1])
  return found.filter((address): address is string => address !== undefined && address !== own)
}
