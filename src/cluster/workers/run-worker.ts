import { connect, type NetConnectOpts, Socket } from 'node:net'
import type { Connections } from '#apiserver/listener/connections'
import { systemClock } from '#base/clock'
import { createDeferred } from '#base/deferred'
import { createDisposables } from '#base/disposal'
import { messageOf } from '#base/error-message'
import { createLog } from '#component-base/log-writer'
import { openSharedStore } from '#storage/shared/open-shared-store'
import { ownComponents } from '../component-checks'
import { startControlPlane } from '../control-plane'
import { logLevel } from '../options'
import { simulatedDial } from '../simulated-dial'
import { type FromWorker, storeDescriptor, type ToWorker, type WorkerSettings } from './messages'

/**
 * The life of a worker in its process: an API server over the store of the process that started it. Resolves when it was told to stop and
 * has, or when that process is gone: then nothing is left to do in order.
 */
export async function runWorker(): Promise<void> {
  const settings = createDeferred<WorkerSettings>()
  const stop = createDeferred()
  const own = ownComponents()
  let serve: ((socket: Socket) => void) | undefined

  process.on('message', (message: ToWorker, socket?: Socket) => {
    if ('connection' in message) {
      say({ took: true })
      // It may have gone on its way here.
      if (serve && socket) serve(socket)
      else socket?.destroy()
    } else if ('start' in message) settings.resolve(message.start)
    else if ('started' in message) own.started(message.started)
    else stop.resolve()
  })
  const alone = new Promise<void>((resolve) => void process.once('disconnect', resolve))
  // Ctrl-C reaches all processes of a terminal: the first one says when to stop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)

  const life = async (): Promise<void> => {
    const { worker, options, pkiDirectory, nodeAddress, simulated, components, host, port } = await settings.promise
    for (const name of components ?? []) own.started(name)
    const log = createLog(systemClock, { level: logLevel(options.v) }).with({ worker })
    await using disposables = createDisposables()
    const lost = createDeferred<never>()
    // Who waits for it comes later, or never.
    lost.promise.catch(() => undefined)
    const store = disposables.use(openSharedStore(inherited(storeDescriptor), lost.reject))
    const connections: Connections = {
      host, port,
      take(next) {
        serve = next
        return {
          [Symbol.dispose]() {
            serve = undefined
            say({ left: true })
          },
        }
      },
    }
    const stopping = new AbortController()
    disposables.defer(() => stopping.abort(new Error('the API worker is stopping')))
    disposables.use(await startControlPlane(options, {
      clock: systemClock, log, signal: stopping.signal, store, pkiDirectory, follows: { connections },
      ...(nodeAddress === undefined ? {} : { nodeAddress }), ...(simulated ? { dial: simulatedDial } : {}), ...(components ? { components: own.checks } : {}),
    }))
    say({ ready: true })
    // Without the store there is nothing to serve: another worker takes this one's place.
    await Promise.race([stop.promise, lost.promise])
  }
  const failed = (error: unknown): never => {
    say({ failed: messageOf(error) })
    throw error
  }
  await Promise.race([life().catch(failed), alone])
}

/** The stream at a descriptor that this process was started with; Bun has another word for it. */
function inherited(fd: number): Socket {
  return process.versions.bun ? connect({ fd } as unknown as NetConnectOpts) : new Socket({ fd, readable: true, writable: true })
}

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message, () => undefined)
}
