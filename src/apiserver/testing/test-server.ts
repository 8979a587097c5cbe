import { createClient } from '#client/create-client'
import type { Client } from '#client/client'
import type { Transport } from '#client/transport'
import { systemClock } from '#base/clock'
import { silent } from '#component-base/log'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import type { Store } from '#storage/store'
import { createApiServer, type ApiServer, type ApiServerDeps } from '../api-server'
import type { ApiServerOptions } from '../options'

export interface TestServer extends AsyncDisposable {
  readonly server: ApiServer
  readonly transport: Transport
  readonly client: Client
  /** What is on its way to watchers has arrived. */
  flushed(): Promise<void>
}

export const admin = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }

/** A server over a memory store, called in-process. */
export async function startTestServer({ store, ...deps }: Partial<ApiServerDeps> & { store?: Store } = {}, options: ApiServerOptions = {}): Promise<TestServer> {
  const own = store ?? openMemoryStore()
  const server = createApiServer(options, { store: own, ...deps })
  const running = await server.start({ log: silent, clock: deps.clock ?? systemClock, signal: new AbortController().signal })
  await running.ready
  const transport = server.connect(admin)
  return {
    server, transport,
    client: createClient(transport),
    flushed: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
      if (!store) await own[Symbol.asyncDispose]()
    },
  }
}
