import { readFile } from 'node:fs/promises'
import type { AdmissionPlugin } from '#apiserver/admission/plugin'
import { admissionPlugins } from '#apiserver/admission/chain'
import { type ApiServer, createApiServer } from '#apiserver/api-server'
import type { Authenticator } from '#apiserver/authentication/authenticator'
import { clientCertificates } from '#apiserver/authentication/client-certificate'
import { verifyingKey } from '#apiserver/authentication/jwt'
import { objectReader } from '#apiserver/authentication/objects'
import { authenticationRests, tokenEndpoint } from '#apiserver/authentication/rests'
import { serviceAccountTokens } from '#apiserver/authentication/service-account-tokens'
import { readTokenFile, type StaticTokens, staticTokens } from '#apiserver/authentication/static-tokens'
import { bearerTokens } from '#apiserver/authentication/token'
import { reconcileBootstrapPolicy } from '#apiserver/authorization/bootstrap/reconcile'
import { authorizeInOrder, superusers } from '#apiserver/authorization/chain'
import { rbacRests } from '#apiserver/authorization/escalation'
import { accessReviewRests } from '#apiserver/authorization/reviews'
import type { Rest } from '#apiserver/rest/rest'
import { createDisposables } from '#base/disposal'
import type { Client } from '#client/client'
import { createClient } from '#client/create-client'
import type { Informers } from '#client/informer'
import { createInformers } from '#client/informers'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki, type Pki } from '#component-base/certs/pki'
import { publicOf } from '#component-base/certs/keys'
import type { ComponentContext } from '#component-base/component'
import type { Store } from '#storage/store'
import { createAuthorization } from './authorization'
import { adminUser, apiserverUser } from './identities'
import { loopback } from './loopback'
import type { ControlPlaneOptions } from './options'

export interface ControlPlaneDeps extends ComponentContext {
  store: Store
  /** Where certificates are kept; in memory without it. */
  pkiDirectory?: string
  /** Kinds' own endpoints beside those that the API server has anyway. */
  rests?: readonly Rest<any>[]
  admission?: readonly AdmissionPlugin[]
}

/** The API server with everything that it is made of, started. */
export interface ControlPlane extends AsyncDisposable {
  readonly apiServer: ApiServer
  readonly pki: Pki
  /** Tokens for this run: `tokens.add(user)`. */
  readonly tokens: StaticTokens
  /** Acts as the administrator, in-process. */
  readonly client: Client
  /** What the server itself looks at, as a superuser. */
  readonly informers: Informers
}

/**
 * Starts the API server: certificates, authentication, authorization, admission, and the policy that a new cluster begins
 * with. The server's own parts look at objects through the server: they are built first and wait for it.
 */
export async function startControlPlane(options: ControlPlaneOptions, { store, pkiDirectory, rests = [], admission = [], ...context }: ControlPlaneDeps): Promise<ControlPlane> {
  const { clock, log } = context
  const disposables = createDisposables()
  const pki = openPki({ ...(pkiDirectory ? { directory: pkiDirectory } : {}), now: clock.now(), serverNames: [options.bindAddress, ...options.advertiseNames], serviceAddress: firstAddress(options.serviceClusterIPRange) })

  const self = loopback(() => server.url)
  const selfClient = createClient(self.transport)
  const informers = createInformers(selfClient, { clock, log })
  disposables.use(informers)
  const objects = objectReader(informers, selfClient, clock)

  const issuer = options.serviceAccountIssuer
  const tokens = staticTokens()
  if (options.tokenAuthFile) readTokenFile(await readFile(options.tokenAuthFile, 'utf8'), options.tokenAuthFile, tokens)
  const tokenAuthenticators = [tokens, serviceAccountTokens({ issuers: [issuer], keys: [verifyingKey(publicOf(pki.serviceAccountKey))], audiences: [issuer], objects, clock })]
  const caPem = certificateToPem(pki.ca.certificate)
  const authenticators: Authenticator[] = [clientCertificates(caPem, clock), bearerTokens(tokenAuthenticators, [issuer])]

  const { authorizers, rules, rbac } = createAuthorization(options.authorizationMode, informers)
  const authorizer = authorizeInOrder([superusers, ...authorizers])
  const plugins = admissionPlugins({ enable: options.enableAdmissionPlugins, disable: options.disableAdmissionPlugins }, { objects, authorizer, clock, log, others: admission })

  const { cert, key } = keyPairToPem(pki.apiserver)
  let policyReady = false
  const server = createApiServer(
    {
      listen: { host: options.bindAddress, port: options.securePort, tls: { cert, key, clientCa: caPem } },
      serviceClusterIpRange: options.serviceClusterIPRange,
      serviceNodePortRange: { first: options.serviceNodePortRange.from, last: options.serviceNodePortRange.to },
    },
    {
      store, clock, log, authenticators, anonymous: options.anonymousAuth, authorizers: [superusers, ...authorizers], admission: plugins,
      rests: [
        ...authenticationRests(tokenAuthenticators, [issuer], clock),
        ...accessReviewRests(authorizer, rules),
        ...(rbac ? rbacRests(rbac, authorizer) : []),
        { group: '', resource: 'serviceaccounts', subresources: { token: tokenEndpoint({ issuer, key: pki.serviceAccountKey, audiences: [issuer], objects, clock, extendExpiration: true }) } },
        ...rests,
      ],
      checks: [
        {
          name: 'poststarthook/rbac/bootstrap-roles',
          check: () => {
            if (!policyReady) throw new Error('the bootstrap policy is being written')
          },
        },
      ],
    },
  )
  try {
    disposables.use(await server.start(context))
    self.connect(server.connect(apiserverUser))
    await reconcileBootstrapPolicy(selfClient)
    policyReady = true
  } catch (error) {
    await disposables[Symbol.asyncDispose]()
    throw error
  }
  return {
    apiServer: server,
    pki,
    tokens,
    client: createClient(server.connect(adminUser)),
    informers,
    [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose](),
  }
}

/** The first address of the range: the API server's own Service. */
function firstAddress(range: string): string {
  const [network] = range.split(',')[0]!.split('/')
  const parts = network!.split('.')
  parts[3] = String(Number(parts[3]) + 1)
  return parts.join('.')
}
