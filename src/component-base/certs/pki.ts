import type { KeyObject } from 'node:crypto'
import { hostname as hostName } from 'node:os'
import { certificatesFromPem, isIssuedBy } from './certificate'
import type { Certificate } from './certificate'
import { pemDirectory, pemMemory } from './files'
import type { PemFiles } from './files'
import { createAuthority, issue, keyPairToPem } from './issue'
import type { KeyPair, Template } from './issue'
import { generateKey, keyFromPem, keyToPem, publicKeyToDer, publicKeyToPem } from './keys'
import { addressBytes, addressText, alternativeNames, noAlternativeNames } from './names'
import type { AlternativeNames, Subject } from './names'

export interface PkiOptions {
  /** Keeps and reuses files there, by kubeadm's names. Without it everything is in memory. */
  directory?: string
  /** Milliseconds since 1970. */
  now?: number
  /** Where the API server listens or is announced: further names and addresses of its serving certificate. */
  serverNames?: readonly string[]
  /** The first address of the service range: `10.96.0.1`. */
  serviceAddress?: string
  clusterDomain?: string
}

/** Every certificate and key of a control plane. */
export interface Pki {
  readonly ca: KeyPair
  /** What the API server shows to its clients. */
  readonly apiserver: KeyPair
  /** What the API server shows to kubelets. */
  readonly apiserverKubeletClient: KeyPair
  readonly frontProxyCa: KeyPair
  readonly frontProxyClient: KeyPair
  /** Signs service account tokens. */
  readonly serviceAccountKey: KeyObject
  /** A client certificate of the cluster's authority: `issueClient('system:kube-scheduler')`. Valid for a year. */
  issueClient(user: string, groups?: readonly string[]): KeyPair
  /** A serving certificate, for kubelets and webhooks. Valid for a year from `at`, by default from when the certificates were opened. */
  issueServing(commonName: string, hosts: readonly string[], at?: number): KeyPair
}

const day = 24 * 3600_000
const year = 365 * day
/** Leaf certificates this close to their end are made anew at the next start. */
const renewBefore = 30 * day

/**
 * Opens the certificates of a control plane: what is there is used, what is missing is made. A leaf that has (nearly)
 * expired, lacks a name or comes from another authority is made anew; an authority never is, since everything that
 * trusts it would break: an expired one, or one whose key is missing when something must be signed, is an error.
 */
export function openPki(options: PkiOptions = {}): Pki {
  const now = options.now ?? Date.now()
  const files = options.directory === undefined ? pemMemory() : pemDirectory(options.directory)
  const from = new Date(now - 5 * 60_000)
  const until = new Date(now + year)

  const authority = (name: string, commonName: string): KeyPair => openAuthority(files, name, { commonName, organizations: [] }, now)
  const leaf = (name: string, wanted: Omit<Template, 'notBefore' | 'notAfter'>, signer: KeyPair): KeyPair => {
    const found = readPair(files, name)
    if (found && now < found.certificate.notAfter.getTime() - renewBefore && fits(found.certificate, wanted, signer.certificate)) return found
    const pair = issue({ ...wanted, notBefore: from, notAfter: until }, signer)
    writePair(files, name, pair)
    return pair
  }
  const client = (commonName: string, organizations: readonly string[]): Omit<Template, 'notBefore' | 'notAfter'> => ({
    subject: { commonName, organizations }, names: noAlternativeNames, usages: ['digital signature', 'key encipherment', 'client auth'],
  })
  const serving = (commonName: string, names: AlternativeNames): Omit<Template, 'notBefore' | 'notAfter'> => ({
    subject: { commonName, organizations: [] }, names, usages: ['digital signature', 'key encipherment', 'server auth'],
  })

  const ca = authority('ca', 'kubernetes')
  const frontProxyCa = authority('front-proxy-ca', 'front-proxy-ca')
  return {
    ca,
    apiserver: leaf('apiserver', serving('kube-apiserver', alternativeNames(apiserverHosts(options))), ca),
    apiserverKubeletClient: leaf('apiserver-kubelet-client', client('kube-apiserver-kubelet-client', ['kubeadm:cluster-admins']), ca),
    frontProxyCa,
    frontProxyClient: leaf('front-proxy-client', client('front-proxy-client', []), frontProxyCa),
    serviceAccountKey: openServiceAccountKey(files),
    issueClient: (user, groups = []) => issue({ ...client(user, groups), notBefore: from, notAfter: until }, ca),
    issueServing: (commonName, hosts, at = now) => issue({ ...serving(commonName, alternativeNames(hosts)), notBefore: new Date(at - 5 * 60_000), notAfter: new Date(at + year) }, ca),
  }
}

function apiserverHosts({ serverNames = [], serviceAddress = '10.96.0.1', clusterDomain = 'cluster.local' }: PkiOptions): string[] {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', `kubernetes.default.svc.${clusterDomain}`]
  // A server that listens everywhere names no address by that; the wildcard itself is none to connect to.
  const given = serverNames.filter((name) => name !== '' && name !== '0.0.0.0' && name !== '::')
  return [...service, 'localhost', hostName().toLowerCase(), '127.0.0.1', '::1', serviceAddress, ...given]
}

function openAuthority(files: PemFiles, name: string, subject: Subject, now: number): KeyPair {
  const pem = files.read(`${name}.crt`)
  if (pem === undefined) {
    if (files.read(`${name}.key`) !== undefined) throw new Error(`${name}.key is there but ${name}.crt is not: put the certificate back, or remove the key to make both anew`)
    const pair = createAuthority(subject, new Date(now - 5 * 60_000), new Date(now + 10 * year))
    writePair(files, name, pair)
    return pair
  }
  const pair = readPair(files, name)
  if (!pair) throw new Error(`${name}.key is missing beside ${name}.crt: put it back, or remove the certificate to make both anew`)
  const { certificate } = pair
  if (!certificate.isAuthority) throw new Error(`${name}.crt is not a certificate authority (basic constraints lack CA:TRUE)`)
  if (certificate.notAfter.getTime() <= now) throw new Error(`${name}.crt expired at ${certificate.notAfter.toISOString()}: replace the authority and everything it signed`)
  return pair
}

/** Undefined when either half is missing. */
function readPair(files: PemFiles, name: string): KeyPair | undefined {
  const cert = files.read(`${name}.crt`)
  const keyPem = files.read(`${name}.key`)
  if (cert === undefined || keyPem === undefined) return undefined
  const pair = { certificate: readable(`${name}.crt`, () => certificatesFromPem(cert)[0]!), key: readable(`${name}.key`, () => keyFromPem(keyPem)) }
  if (!publicKeyToDer(pair.key).equals(publicKeyToDer(pair.certificate.publicKey))) {
    throw new Error(`${name}.key is not the key of ${name}.crt: put the right one back, or remove both to make them anew`)
  }
  return pair
}

function readable<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Error(`cannot use ${file}: ${(error as Error).message}`, { cause: error })
  }
}

function writePair(files: PemFiles, name: string, pair: KeyPair): void {
  const { cert, key } = keyPairToPem(pair)
  files.write(`${name}.key`, key, true)
  files.write(`${name}.crt`, cert, false)
}

function fits(certificate: Certificate, wanted: Omit<Template, 'notBefore' | 'notAfter'>, authority: Certificate): boolean {
  const names = new Set([...certificate.names.dns, ...certificate.names.ips])
  const missing = [...(wanted.names?.dns ?? []), ...(wanted.names?.ips ?? []).map((ip) => addressText(addressBytes(ip)))].some((name) => !names.has(name))
  return !missing && isIssuedBy(certificate, authority)
}

function openServiceAccountKey(files: PemFiles): KeyObject {
  const pem = files.read('sa.key')
  if (pem !== undefined) return readable('sa.key', () => keyFromPem(pem))
  const key = generateKey()
  files.write('sa.key', keyToPem(key), true)
  files.write('sa.pub', publicKeyToPem(key), false)
  return key
}
