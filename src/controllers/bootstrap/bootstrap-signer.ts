import { createHmac } from 'node:crypto'
import { isConflict, isNotFound } from '#apimachinery/api-error'
import { configmaps } from '#api/core/v1/config-map'
import { secrets } from '#api/core/v1/secret'
import type { Secret } from '#api/core/v1/types'
import { clone } from '#base/clone'
import { bootstrapTokenIdOf, bootstrapTokenNamespace, bootstrapTokenTimeLeft, bootstrapTokenType, bootstrapTokenValue } from '#component-helpers/bootstrap-token'
import { defineController, on } from '#controller-runtime/controller'

const clusterInfo = 'kube-public/cluster-info'
const signaturePrefix = 'jws-kubeconfig-'

/**
 * Signs the kubeconfig in `cluster-info` with every bootstrap token that may sign. Whoever joins reads it without being known to
 * the server, and trusts it because only somebody who knows the token too can have signed it.
 */
export const bootstrapSigner = defineController({
  name: 'bootstrap-signer-controller',
  serviceAccount: 'bootstrap-signer',
  watches: [
    on(configmaps, ({ metadata }) => (metadata.namespace === 'kube-public' && metadata.name === 'cluster-info' ? [clusterInfo] : [])),
    on(secrets, ({ metadata, type }) => (metadata.namespace === bootstrapTokenNamespace && type === bootstrapTokenType ? [clusterInfo] : [])),
  ],
  writes: [configmaps],

  async reconcile(key, { cached, client, clock }) {
    const map = cached(configmaps).get(key)
    const content = map?.data?.['kubeconfig']
    if (!map || content === undefined) return
    const tokens = cached(secrets).list(bootstrapTokenNamespace).flatMap((secret) => signingToken(secret, clock.now()) ?? [])
    const wanted = new Map(tokens.map(({ id, secret }) => [signaturePrefix + id, detachedSignature(content, id, secret)]))
    const signatures = Object.keys(map.data!).filter((name) => name.startsWith(signaturePrefix))
    if (signatures.length === wanted.size && signatures.every((name) => map.data![name] === wanted.get(name))) return
    const others = Object.entries(map.data!).filter(([name]) => !name.startsWith(signaturePrefix))
    await client.update(configmaps, { ...clone(map), data: Object.fromEntries([...others, ...wanted]) }).catch((error: unknown) => {
      // Whoever wrote meanwhile wakes us again.
      if (!isConflict(error) && !isNotFound(error)) throw error
    })
  },
})

function signingToken(secret: Secret, now: number): { id: string; secret: string } | undefined {
  const id = bootstrapTokenValue(secret, 'token-id')
  const key = bootstrapTokenValue(secret, 'token-secret')
  const signs = secret.type === bootstrapTokenType && bootstrapTokenIdOf(secret.metadata.name) === id && key !== ''
  return signs && bootstrapTokenTimeLeft(secret, now) > 0 && bootstrapTokenValue(secret, 'usage-bootstrap-signing') === 'true' ? { id, secret: key } : undefined
}

/** A JSON web signature (HS256) whose content is left out: RFC 7515, appendix F. */
export function detachedSignature(content: string, tokenId: string, tokenSecret: string): string {
  const encode = (text: string): string => Buffer.from(text).toString('base64url')
  const header = encode(JSON.stringify({ alg: 'HS256', kid: tokenId }))
  return `${header}..${createHmac('sha256', tokenSecret).update(`${header}.${encode(content)}`).digest('base64url')}`
}
