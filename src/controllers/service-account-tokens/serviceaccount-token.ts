import { isConflict, isNotFound } from '#apimachinery/api-error'
import { keyOf } from '#apimachinery/object'
import { secrets } from '#api/core/v1/secret'
import { serviceaccounts } from '#api/core/v1/service-account'
import type { Secret, ServiceAccount } from '#api/core/v1/types'
import { clone } from '#base/clone'
import type { Client } from '#client/client'
import { defineController, on } from '#controller-runtime/controller'
import type { Controller } from '#controller-runtime/controller'

export interface ServiceAccountTokenOptions {
  /** Signs the claims of a token that does not expire, with the key of service account tokens. */
  sign(claims: Readonly<Record<string, unknown>>): string
  /** PEM of the cluster's authority: stands beside the token. */
  readonly rootCa?: string
}

/** This one acts as the manager itself: it is what makes service accounts' tokens, so it cannot need one. */
export const theManager = 'system:kube-controller-manager'
const tokenType = 'kubernetes.io/service-account-token'
const nameKey = 'kubernetes.io/service-account.name'
const uidKey = 'kubernetes.io/service-account.uid'
const byAccount = 'service-account'
const byReference = 'referenced-secret'

const accountKeyOf = ({ metadata }: Secret): string => `${metadata.namespace}/${metadata.annotations?.[nameKey] ?? ''}`

/**
 * Fills secrets that ask for a service account's token, deletes them with the account, and takes the name of one that is gone
 * out of its account. Nobody's pod needs them any more; whoever wants a token that does not expire makes such a secret.
 */
export function serviceAccountToken(options: ServiceAccountTokenOptions): Controller {
  return defineController({
    name: 'serviceaccount-token-controller',
    serviceAccount: theManager,
    watches: [
      on(secrets, (secret) => (secret.type === tokenType ? [keyOf(secret)] : []), { indexes: { [byAccount]: (secret) => (secret.type === tokenType ? [accountKeyOf(secret)] : []) } }),
      on(serviceaccounts, (account, cached) => cached(secrets).by(byAccount, keyOf(account)).map(keyOf), {
        indexes: { [byReference]: ({ metadata, secrets: references = [] }) => references.map(({ name }) => `${metadata.namespace}/${name}`) },
      }),
    ],
    writes: [secrets, serviceaccounts],

    async reconcile(key, { cached, client, log }) {
      const secret = cached(secrets).get(key)
      if (!secret) {
        for (const account of cached(serviceaccounts).by(byReference, key)) await forget(account, key, client)
        return
      }
      const name = secret.metadata.annotations?.[nameKey]
      if (secret.type !== tokenType || !name) return
      const account = isOf(secret, cached(serviceaccounts).get(accountKeyOf(secret))) ?? isOf(secret, await newest(client, secret.metadata.namespace!, name))
      if (account) return fill(secret, account, options, client)
      log.info('deletes a token whose service account is gone', { secret: key })
      await unlessChanged(client.delete(secrets, { namespace: secret.metadata.namespace, name: secret.metadata.name }, { preconditions: { uid: secret.metadata.uid } }))
    },
  })
}

function isOf({ metadata }: Secret, account: ServiceAccount | undefined): ServiceAccount | undefined {
  const uid = metadata.annotations?.[uidKey]
  return account && (!uid || uid === account.metadata.uid) ? account : undefined
}

/** The cache may lag behind the account that the secret was made for. */
async function newest(client: Client, namespace: string, name: string): Promise<ServiceAccount | undefined> {
  try {
    return await client.get(serviceaccounts, { namespace, name })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function fill(secret: Secret, { metadata: { name, uid } }: ServiceAccount, { sign, rootCa }: ServiceAccountTokenOptions, client: Client): Promise<void> {
  const { metadata, data = {} } = secret
  const wanted = { ...data }
  if (rootCa) wanted['ca.crt'] = encode(rootCa)
  wanted['namespace'] ||= encode(metadata.namespace!)
  wanted['token'] ||= encode(sign(legacyClaims(secret, name, uid!)))
  if (Object.keys(wanted).every((key) => wanted[key] === data[key])) return
  const annotations = { ...metadata.annotations, [nameKey]: name, [uidKey]: uid! }
  await unlessChanged(client.update(secrets, { ...clone(secret), data: wanted, metadata: { ...clone(metadata), annotations } }))
}

const encode = (text: string): string => Buffer.from(text).toString('base64')

function legacyClaims({ metadata }: Secret, account: string, uid: string): Record<string, string> {
  const prefix = 'kubernetes.io/serviceaccount'
  const namespace = metadata.namespace!
  return {
    iss: prefix.replace('.io', ''), [`${prefix}/namespace`]: namespace, [`${prefix}/secret.name`]: metadata.name,
    [`${prefix}/service-account.name`]: account, [`${prefix}/service-account.uid`]: uid, sub: `system:serviceaccount:${namespace}:${account}`,
  }
}

async function forget(account: ServiceAccount, secretKey: string, client: Client): Promise<void> {
  const { namespace } = account.metadata
  const left = clone(account.secrets ?? []).filter(({ name }) => `${namespace}/${name}` !== secretKey)
  await unlessChanged(client.update(serviceaccounts, { ...clone(account), secrets: left }))
}

/** Whoever changed or deleted it meanwhile wakes us again. */
async function unlessChanged(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error
  }
}
