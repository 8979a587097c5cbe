import type { Transport } from './transport'

export interface ReplaceableTransport extends Transport {
  /** From now on this one is used; the one before is closed, and its watches begin anew. */
  replace(next: Transport): Promise<void>
}

/** A transport whose credentials can change while it is in use. */
export function replaceableTransport(first: Transport): ReplaceableTransport {
  let current = first
  return {
    get url() {
      return current.url
    },
    request: (call) => current.request(call),
    watch: (call, deliver) => current.watch(call, deliver),
    stream: (call) => current.stream(call),
    async replace(next) {
      const before = current
      current = next
      await before[Symbol.asyncDispose]()
    },
    [Symbol.asyncDispose]: () => current[Symbol.asyncDispose](),
  }
}
