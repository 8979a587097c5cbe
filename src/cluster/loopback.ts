import { createDeferred } from '#base/deferred'
import type { Transport } from '#client/transport'

/**
 * The API server's way to itself, which its own parts (authorizers, admission) are built on before it has started: calls
 * wait until it has.
 */
export function loopback(url: () => string): { transport: Transport; connect(transport: Transport): void } {
  const started = createDeferred<Transport>()
  return {
    transport: {
      get url() {
        return url()
      },
      request: async (call) => (await started.promise).request(call),
      watch: async (call, deliver) => (await started.promise).watch(call, deliver),
      stream: async (call) => (await started.promise).stream(call),
      [Symbol.asyncDispose]: async () => undefined,
    },
    connect: (transport) => started.resolve(transport),
  }
}
