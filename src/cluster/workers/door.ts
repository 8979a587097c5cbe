import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Connections } from '#apiserver/listener/connections'

/** Somebody who takes connections. */
export interface Taker {
  /** The last one has not been taken yet. */
  readonly busy: boolean
  give(socket: Socket): void
}

export interface Door extends Disposable {
  readonly host: string
  readonly port: number
  /** Connections for this process: as long as nobody else takes any. */
  readonly own: Connections
  /** From now on this one takes connections in turn with the others, until that is disposed of. */
  add(taker: Taker): Disposable
  /** Gives a connection to whoever is next; who is busy is passed over as long as anybody is not. */
  pass(socket: Socket): void
  /** From now on there is nothing for this process: the port closes when nobody else takes connections any more. */
  closeBehindLast(): void
}

/** Opens the port of a server that is several processes. */
export async function openDoor(host: string, port: number): Promise<Door> {
  const takers: Taker[] = []
  let next = 0
  let self: ((socket: Socket) => void) | undefined
  let closing = false

  const pass = (socket: Socket): void => {
    for (let tried = 0; tried < takers.length; tried++) {
      const taker = takers[next++ % takers.length]!
      if (!taker.busy) return taker.give(socket)
    }
    if (takers.length > 0) takers[next++ % takers.length]!.give(socket)
    else if (self) self(socket)
    else socket.destroy()
  }
  // Nothing is read here: a connection's first bytes belong to the process that gets it.
  const server = createServer({ pauseOnConnect: true, noDelay: true }, pass)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const bound = (server.address() as AddressInfo).port
  const closeIfLast = (): void => {
    // Not waited for: Node would ask the other processes about the connections that they were given.
    if (closing && takers.length === 0) server.close()
  }

  return {
    host,
    port: bound,
    own: {
      host,
      port: bound,
      take(serve) {
        self = serve
        return { [Symbol.dispose]: () => void (self = undefined) }
      },
    },
    add(taker) {
      takers.push(taker)
      return {
        [Symbol.dispose]() {
          const at = takers.indexOf(taker)
          if (at >= 0) takers.splice(at, 1)
          closeIfLast()
        },
      }
    },
    pass,
    closeBehindLast() {
      closing = true
      self = undefined
      closeIfLast()
    },
    [Symbol.dispose]: () => void server.close(),
  }
}
