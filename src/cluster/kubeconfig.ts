import type { UserInfo } from '#apiserver/authentication/authenticator'
import type { Kubeconfig } from '#client/kubeconfig'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import type { ControlPlane } from './control-plane'
import { adminUser } from './identities'

/** A kubeconfig with a client certificate for a user; everything is in the file. */
export function kubeconfigFor({ apiServer, pki }: Pick<ControlPlane, 'apiServer' | 'pki'>, user: UserInfo = adminUser, name = 'navarch'): Kubeconfig {
  // system:authenticated comes with every certificate.
  const { cert, key } = keyPairToPem(pki.issueClient(user.name, user.groups.filter((group) => group !== 'system:authenticated')))
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: apiServer.url, 'certificate-authority-data': base64(certificateToPem(pki.ca.certificate)) } }],
    users: [{ name: `${name}-${user.name}`, user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    contexts: [{ name, context: { cluster: name, user: `${name}-${user.name}` } }],
    'current-context': name,
  }
}
