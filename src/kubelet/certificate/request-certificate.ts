import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import type { CertificateSigningRequest } from '#api/certificates/v1/types'
import { orAborted } from '#base/abort'
import { createDeferred } from '#base/deferred'
import type { Client } from '#client/client'
import { certificatesFromPem } from '#component-base/certs/certificate'
import { generateKey, keyToPem } from '#component-base/certs/keys'
import { createRequest } from '#component-base/certs/request'

export interface NodeCertificate {
  /** PEM, the whole chain. */
  certificate: string
  key: string
  /** Milliseconds since 1970 at which a new one is to be asked for. */
  rotateAt: number
}

/** `client`: to be `system:node:<name>` towards the API server; `serving`: for the kubelet's own server. */
export type CertificateUse = { use: 'client' } | { use: 'serving'; dns: readonly string[]; ips: readonly string[] }

/**
 * Asks the cluster for a certificate by a CertificateSigningRequest and waits until it is issued: how a node that joins with
 * a bootstrap token gets its own identity. Throws when the request is denied or fails; somebody must approve serving ones.
 */
export async function requestCertificate(nodeName: string, want: CertificateUse, { client, signal }: { client: Client; signal: AbortSignal }): Promise<NodeCertificate> {
  const key = generateKey()
  const subject = { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }
  const request = want.use === 'client' ? createRequest(key, subject) : createRequest(key, subject, { dns: [...want.dns], ips: [...want.ips], uris: [], emails: [] })
  const made = await client.create(certificatesigningrequests, {
    metadata: { generateName: want.use === 'client' ? 'node-csr-' : 'csr-' },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: want.use === 'client' ? 'kubernetes.io/kube-apiserver-client-kubelet' : 'kubernetes.io/kubelet-serving',
      // An elliptic curve key enciphers nothing.
      usages: ['digital signature', want.use === 'client' ? 'client auth' : 'server auth'],
    },
  }, { signal })
  const certificate = await issued(made, client, signal)
  const [first] = certificatesFromPem(certificate)
  if (!first) throw new Error(`certificate signing request ${made.metadata.name}: what was issued is no certificate`)
  return { certificate, key: keyToPem(key), rotateAt: rotationTime(first.notBefore.getTime(), first.notAfter.getTime(), Math.random()) }
}

/** Between 70 and 90 % of its life, so that nodes that joined together do not all come back together. */
export function rotationTime(notBefore: number, notAfter: number, random: number): number {
  return notBefore + (notAfter - notBefore) * (0.7 + 0.2 * random)
}

async function issued(request: CertificateSigningRequest, client: Client, signal: AbortSignal): Promise<string> {
  const answer = createDeferred<string>()
  const look = (object: CertificateSigningRequest): void => {
    const refused = object.status?.conditions?.find((condition) => condition.type === 'Denied' || condition.type === 'Failed')
    if (refused) answer.reject(new Error(`certificate signing request ${object.metadata.name} was ${refused.type.toLowerCase()}: ${refused.message ?? refused.reason ?? 'no reason was given'}`))
    else if (object.status?.certificate) answer.resolve(Buffer.from(object.status.certificate, 'base64').toString())
  }
  const stop = new AbortController()
  const until = AbortSignal.any([signal, stop.signal])
  const follow = async (): Promise<void> => {
    // A watch may end at any time; what came meanwhile is found by a look.
    while (!until.aborted) {
      const now = await client.get(certificatesigningrequests, { name: request.metadata.name }, { signal: until })
      look(now)
      if (until.aborted) return
      await client.watch(certificatesigningrequests, { fieldSelector: `metadata.name=${request.metadata.name}`, ...(now.metadata.resourceVersion ? { resourceVersion: now.metadata.resourceVersion } : {}), signal: until }, (events) => {
        for (const event of events) {
          if (event.type === 'DELETED') answer.reject(new Error(`certificate signing request ${request.metadata.name} was deleted before it was answered`))
          else if (event.type !== 'BOOKMARK') look(event.object)
        }
      })
    }
  }
  follow().catch((error: unknown) => answer.reject(error))
  try {
    return await orAborted(answer.promise, signal)
  } finally {
    stop.abort()
  }
}
