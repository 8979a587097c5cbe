import { namespaces } from '#api/core/v1/namespace'
import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import { systemClock } from '#base/clock'
import { createClient } from '#client/create-client'
import type { Client } from '#client/client'
import { type Informers } from '#client/informer'
import { createInformers } from '#client/informers'
import type { Transport } from '#client/transport'
import { silent } from '#component-base/log'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import type { AdmissionDeps, AdmissionOptions } from '../admission/chain'
import { admissionPlugins } from '../admission/chain'
import type { AdmissionPlugin } from '../admission/plugin'
import { type ApiServer, createApiServer } from '../api-server'
import type { UserInfo } from '../authentication/authenticator'
import { objectReader } from '../authentication/objects'
import { loopbackUser } from '../authentication/users'
import { loopback } from '../loopback'
import { createWebhooks } from '../webhook/webhooks'
import { admin } from './test-server'

export interface AdmissionBed extends AsyncDisposable {
  readonly server: ApiServer
  readonly client: Client
  readonly transport: Transport
  readonly informers: Informers
  as(user: UserInfo): Client
  /** Resolves when the server's own informers know what was written to these kinds. */
  seen(...resources: Resource<any>[]): Promise<void>
}

/** A server over a memory store with admission as a cluster has it, called in-process. Namespace `ns` is there. */
export async function startAdmissionBed(options: AdmissionOptions = {}, more: Partial<AdmissionDeps> & { plugins?: readonly AdmissionPlugin[] } = {}): Promise<AdmissionBed> {
  const clock = more.clock ?? systemClock
  const self = loopback()
  const own = createClient(self.transport)
  const informers = createInformers(own, { clock, log: silent })
  const plugins = more.plugins ?? admissionPlugins({ disable: ['ServiceAccount'], ...options }, {
    objects: objectReader(informers, own, clock), authorizer: { authorize: () => ({ verdict: 'allow', reason: '' }) }, informers, webhooks: createWebhooks({ informers, clock }), client: own, clock, log: silent,
    ...more,
  })
  const store = openMemoryStore()
  const server = createApiServer({}, { store, clock, admission: plugins })
  const running = await server.start({ log: silent, clock, signal: new AbortController().signal })
  await running.ready
  self.attach(server.connect(loopbackUser))
  const transport = server.connect(admin)
  const client = createClient(transport)
  await client.create(namespaces, { metadata: { name: 'ns' } })
  return {
    server, client, transport, informers,
    as: (user) => createClient(server.connect(user)),
    async seen(...resources) {
      for (const resource of resources) {
        const informer = informers.get<KubeObject>(resource)
        await informer.synced
        const { items } = await client.list(resource)
        const missing = new Map(items.map((object) => [`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object.metadata.resourceVersion]))
        await new Promise<void>((resolve) => {
          const subscription = informer.on((object) => {
            const key = object && `${object.metadata.namespace ?? ''}/${object.metadata.name}`
            if (key !== undefined && Number(object!.metadata.resourceVersion) >= Number(missing.get(key))) missing.delete(key)
            if (missing.size > 0) return
            queueMicrotask(() => subscription[Symbol.dispose]())
            resolve()
          })
          if (missing.size === 0) resolve()
        })
      }
    },
    async [Symbol.asyncDispose]() {
      await informers[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}
