import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Taker } from './door'
import type { ToWorker } from './messages'

/** The way of connections to one process: one at a time, so that those behind it are not lost with the process. */
export interface Handover extends Taker {
  /** The process has taken the last one. */
  took(): void
  /** Those that it has not been sent, which are the caller's again. Nothing is sent any more. */
  end(): Socket[]
}

export function createHandover(child: Pick<ChildProcess, 'send'>): Handover {
  const waiting: Socket[] = []
  let sending = false
  let over = false

  const sendNext = (): void => {
    if (sending || over) return
    const socket = waiting.shift()
    if (!socket) return
    sending = true
    child.send({ connection: true } satisfies ToWorker, socket, (error) => {
      // The process is gone, or the connection is: nobody can do anything for it.
      if (error) socket.destroy()
    })
  }
  return {
    get busy() {
      return sending
    },
    give(socket) {
      waiting.push(socket)
      sendNext()
    },
    took() {
      sending = false
      sendNext()
    },
    end() {
      over = true
      return waiting.splice(0)
    },
  }
}
