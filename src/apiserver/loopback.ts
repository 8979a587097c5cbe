import { orAborted } from '#base/abort'
import { createDeferred } from '#base/deferred'
import type { Call, Transport } from '#client/transport'

/**
 * The server's own way to itself. Authorizers and admission plugins read through it, so they must have it before the server
 * is there: calls that are made before `attach` wait for it, or for their signal where the server cannot start.
 */
export function loopback(url = 'https://kubernetes.default.svc'): { readonly transport: Transport; attach(transport: Transport): void } {
  const waiting = createDeferred<Transport>()
  let attached: Transport | undefined
  const there = ({ signal }: Call): Transport | Promise<Transport> => attached ?? (signal ? orAborted(waiting.promise, signal) : waiting.promise)
  return {
    attach(transport) {
      attached = transport
      waiting.resolve(transport)
    },
    transport: {
      get url() {
        return attached?.url ?? url
      },
      request: async (call) => (await there(call)).request(call),
      watch: async (call, deliver) => (await there(call)).watch(call, deliver),
      stream: async (call) => (await there(call)).stream(call),
      [Symbol.asyncDispose]: async () => attached?.[Symbol.asyncDispose](),
    },
  }
}
