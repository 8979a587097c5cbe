import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clusterrolebindings } from '#api/rbac/v1/cluster-role-binding'
import type { Client } from '#client/client'
import { type Certificate, certificatesFromPem, isIssuedBy } from '#component-base/certs/certificate'
import { type NodeCertificate, rotationTime, requestCertificate } from '#kubelet/certificate/request-certificate'
import { ensure } from './ensure'
import { bootstrapGroup } from './identities'

/** What lets nodes in, and the API server at their kubelets: kubeadm's bindings by kubeadm's names. */
export async function ensureNodePolicy(client: Client): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io'
  const bind = (name: string, role: string, subject: { kind: 'Group' | 'User'; name: string }): Promise<void> =>
    ensure(client, clusterrolebindings, { metadata: { name }, roleRef: { apiGroup, kind: 'ClusterRole', name: role }, subjects: [{ apiGroup, ...subject }] })
  await Promise.all([
    bind('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', { kind: 'Group', name: bootstrapGroup }),
    bind('kubeadm:node-autoapprove-bootstrap', 'system:certificates.k8s.io:certificatesigningrequests:nodeclient', { kind: 'Group', name: bootstrapGroup }),
    bind('kubeadm:node-autoapprove-certificate-rotation', 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', { kind: 'Group', name: 'system:nodes' }),
    bind('system:kube-apiserver-kubelet-client', 'system:kubelet-api-admin', { kind: 'User', name: 'kube-apiserver-kubelet-client' }),
  ])
}

const currentFile = 'kubelet-client-current.pem'

export interface NodeIdentity {
  cert: string
  key: string
  /** Milliseconds since 1970 at which it is to be replaced. */
  rotateAt: number
}

export interface NodeIdentityDeps {
  /** Acts as a node that is not known yet. */
  bootstrapClient: Client
  authority: Certificate
  now: number
  signal: AbortSignal
}

/** The node's client certificate: the one it has while that is good, else a new one by a CertificateSigningRequest. */
export async function nodeIdentity(nodeName: string, directory: string, { bootstrapClient, authority, now, signal }: NodeIdentityDeps): Promise<NodeIdentity> {
  const file = join(directory, currentFile)
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const [certificate] = known === '' ? [] : certificatesFromPem(known)
  if (certificate?.subject.commonName === `system:node:${nodeName}` && isIssuedBy(certificate, authority)) {
    const [from, until] = [certificate.notBefore.getTime(), certificate.notAfter.getTime()]
    if (now < rotationTime(from, until, 0.5)) return { cert: known, key: known, rotateAt: rotationTime(from, until, Math.random()) }
  }
  const issued = await requestCertificate(nodeName, { use: 'client' }, { client: bootstrapClient, signal })
  await keepIdentity(directory, issued)
  return { cert: issued.certificate, key: issued.key, rotateAt: issued.rotateAt }
}

/** For the next start. */
export async function keepIdentity(directory: string, { certificate, key }: NodeCertificate): Promise<void> {
  const file = join(directory, currentFile)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await writeFile(`${file}.new`, `${certificate.trimEnd()}\n${key}`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}
