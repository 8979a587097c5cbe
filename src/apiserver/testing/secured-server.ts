import { namespaces } from '#api/core/v1/namespace'
import { isAlreadyExists } from '#apimachinery/api-error'
import { systemClock } from '#base/clock'
import { createClient } from '#client/create-client'
import type { Client } from '#client/client'
import { createHttpTransport } from '#client/http-transport'
import { createInformers } from '#client/informers'
import type { Connection } from '#client/kubeconfig'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki, type Pki } from '#component-base/certs/pki'
import { silent, type Log } from '#component-base/log'
import type { OptionsOf } from '#component-base/options/whole'
import { wholeOptions } from '#component-base/options/whole'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { createApiServer } from '../api-server'
import { staticTokens, type StaticTokens } from '../authentication/static-tokens'
import { loopbackUser } from '../authentication/users'
import { loopback } from '../loopback'
import { createSecurity, securityOptions } from '../security'

export interface SecuredServer extends AsyncDisposable {
  readonly url: string
  /** PEM of the authority of its certificate. */
  readonly ca: string
  readonly pki: Pki
  readonly tokens: StaticTokens
  /** Acts as the server itself, in-process. */
  readonly client: Client
  /** Over TLS, with these credentials. */
  as(credentials: Partial<Connection>): Client
  /** A token of a member of system:masters. */
  readonly root: Client
  readonly signToken: (claims: Readonly<Record<string, unknown>>) => string
}

/** A server on a port of its own, with everything about users: authentication, authorization and admission by the flags that are given. */
export async function startSecuredServer(options: Partial<OptionsOf<typeof securityOptions>> = {}, log: Log = silent): Promise<SecuredServer> {
  const pki = openPki()
  const tokens = staticTokens()
  const own = loopback()
  const client = createClient(own.transport)
  const informers = createInformers(client, { clock: systemClock, log: silent })
  const ca = certificateToPem(pki.ca.certificate)
  const security = await createSecurity(wholeOptions('kube-apiserver', securityOptions, options), {
    client, informers, clock: systemClock, log, clientCa: ca, frontProxyCa: certificateToPem(pki.frontProxyCa.certificate), serviceAccountKey: pki.serviceAccountKey, tokens, url: () => server.url,
  })
  const store = openMemoryStore()
  const server = createApiServer({ listen: { tls: { ...keyPairToPem(pki.apiserver), clientCa: security.authorities } } }, { store, ...security })
  const running = await server.start({ log: silent, clock: systemClock, signal: new AbortController().signal })
  own.attach(server.connect(loopbackUser))
  for (const name of ['default', 'kube-system', 'kube-public']) {
    // The server makes its own namespaces, sooner or later.
    await client.create(namespaces, { metadata: { name } }).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error
    })
  }
  await security.start()
  const as = (credentials: Partial<Connection>): Client => createClient(createHttpTransport({ server: server.url, ca, ...credentials }))
  return {
    url: server.url, ca, pki, tokens, client, as, root: as({ token: tokens.add({ name: 'root', groups: ['system:masters'] }) }), signToken: security.signToken,
    async [Symbol.asyncDispose]() {
      await informers[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
      await security[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}
