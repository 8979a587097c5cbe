import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { certificateToPem, isIssuedBy, parseCertificate } from './certificate'
import { createAuthority, issue, keyPairToPem } from './issue'
import { generateKey } from './keys'
import { addressBytes, addressText, alternativeNames } from './names'
import { openPki } from './pki'
import { createRequest, parseRequest, signRequest } from './request'

const now = Date.UTC(2026, 0, 2, 3, 4, 5)
const in10Years = new Date(now + 10 * 365 * 86400_000)
const directories: string[] = []
const directory = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'navarch-certs-'))
  directories.push(made)
  return made
}
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true })
})

describe('issuing', () => {
  test.each([
    ['P-256', generateKey()],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ])('node verifies what a %s authority signed', (_, key) => {
    const ca = createAuthority({ commonName: 'kubernetes', organizations: [] }, new Date(now), in10Years, key)
    const leaf = issue({ subject: { commonName: 'admin', organizations: ['system:masters', 'dev'] }, usages: ['client auth'], notBefore: new Date(now), notAfter: in10Years }, ca)
    const ours = new X509Certificate(certificateToPem(leaf.certificate))
    expect(ours.verify(new X509Certificate(ca.certificate.raw).publicKey)).toBe(true)
    expect(ours.checkIssued(new X509Certificate(ca.certificate.raw))).toBe(true)
    expect(isIssuedBy(leaf.certificate, ca.certificate)).toBe(true)
    expect(leaf.certificate.subject).toEqual({ commonName: 'admin', organizations: ['system:masters', 'dev'] })
    expect(leaf.certificate.extendedUsages).toEqual(['client auth'])
  })

  test('another authority of the same name does not pass', () => {
    const subject = { commonName: 'kubernetes', organizations: [] }
    const [ca, other] = [createAuthority(subject, new Date(now), in10Years), createAuthority(subject, new Date(now), in10Years)]
    const leaf = issue({ subject: { commonName: 'x', organizations: [] }, usages: [], notBefore: new Date(now), notAfter: in10Years }, ca)
    expect(isIssuedBy(leaf.certificate, other.certificate)).toBe(false)
    expect(isIssuedBy(leaf.certificate, leaf.certificate)).toBe(false)
  })

  test('a leaf does not outlive its authority, and times after 2049 are kept', () => {
    const end = new Date(Date.UTC(2051, 5, 1))
    const ca = createAuthority({ commonName: 'kubernetes', organizations: [] }, new Date(now), end)
    const leaf = issue({ subject: { commonName: 'x', organizations: [] }, usages: [], notBefore: new Date(now), notAfter: new Date(Date.UTC(2060, 0, 1)) }, ca)
    expect(parseCertificate(leaf.certificate.raw).notAfter).toEqual(end)
    expect(leaf.certificate.notBefore).toEqual(new Date(now))
  })

  test('names that are not ASCII survive', () => {
    const ca = createAuthority({ commonName: 'Überbehörde', organizations: ['größe+=,'] }, new Date(now), in10Years)
    expect(parseCertificate(ca.certificate.raw).subject).toEqual({ commonName: 'Überbehörde', organizations: ['größe+=,'] })
  })

  test.each([['10.96.0.1', '10.96.0.1'], ['::1', '::1'], ['fd00:0:0::12ab', 'fd00::12ab'], ['::ffff:10.0.0.1', '::ffff:a00:1'], ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8']])(
    'address %s', (given, shown) => expect(addressText(addressBytes(given))).toBe(shown),
  )
})

describe('requests', () => {
  const ca = createAuthority({ commonName: 'kubernetes', organizations: [] }, new Date(now), in10Years)

  test('subject, names and key of the request; usages and validity of the signer', () => {
    const key = generateKey()
    const pem = createRequest(key, { commonName: 'system:node:n1', organizations: ['system:nodes'] }, alternativeNames(['n1', '10.0.0.7']))
    const request = parseRequest(pem)
    expect(request.subject).toEqual({ commonName: 'system:node:n1', organizations: ['system:nodes'] })
    const certificate = new X509Certificate(signRequest(request, { usages: ['digital signature', 'server auth'], ttlSeconds: 3600, now }, ca))
    expect(certificate.checkPrivateKey(createPrivateKey(keyPairToPem({ certificate: ca.certificate, key }).key))).toBe(true)
    expect(certificate.subjectAltName).toBe('DNS:n1, IP Address:10.0.0.7')
    expect(new Date(certificate.validTo).getTime()).toBe(now + 3600_000)
    expect(parseCertificate(certificate.raw)).toMatchObject({ extendedUsages: ['server auth'], keyUsages: ['digital signature'], isAuthority: false })
  })

  test('a request that was tampered with is refused', () => {
    const pem = createRequest(generateKey(), { commonName: 'alice', organizations: [] })
    const raw = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    raw[raw.indexOf('alice')] = 'A'.charCodeAt(0)
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${raw.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    expect(() => parseRequest(forged)).toThrow('not signed by its own key')
  })

  test('usages nobody knows are named', () => {
    const request = parseRequest(createRequest(generateKey(), { commonName: 'x', organizations: [] }))
    expect(() => signRequest(request, { usages: ['signing', 'flying'], ttlSeconds: 60, now }, ca)).toThrow('unrecognized usage values: ["flying"]')
  })
})

describe('openPki', () => {
  test('files are kept, private, and used again', () => {
    const path = directory()
    const first = openPki({ directory: path, now })
    const second = openPki({ directory: path, now: now + 86400_000 })
    expect(second.apiserver.certificate.serial).toBe(first.apiserver.certificate.serial)
    expect(second.serviceAccountKey.equals(first.serviceAccountKey)).toBe(true)
    for (const name of ['ca.key', 'apiserver.key', 'front-proxy-ca.key', 'sa.key']) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(path, 'sa.pub'), 'utf8')).toMatch(/^-----BEGIN PUBLIC KEY-----/)
  })

  test('a leaf is made anew near its end or for a new name, the authority stays', () => {
    const path = directory()
    const first = openPki({ directory: path, now })
    const named = openPki({ directory: path, now, serverNames: ['192.168.1.5', '0.0.0.0'] })
    expect(named.apiserver.certificate.names.ips).toContain('192.168.1.5')
    expect(named.apiserver.certificate.names.ips).not.toContain('0.0.0.0')
    expect(named.frontProxyClient.certificate.serial).toBe(first.frontProxyClient.certificate.serial)
    const later = openPki({ directory: path, now: now + 340 * 86400_000 })
    expect(later.frontProxyClient.certificate.serial).not.toBe(first.frontProxyClient.certificate.serial)
    expect(later.ca.certificate.serial).toBe(first.ca.certificate.serial)
  })

  test('what cannot be used is named', () => {
    const path = directory()
    openPki({ directory: path, now })
    expect(() => openPki({ directory: path, now: now + 11 * 365 * 86400_000 })).toThrow(/ca\.crt expired at/)
    writeFileSync(join(path, 'ca.key'), keyPairToPem(createAuthority({ commonName: 'x', organizations: [] }, new Date(now), in10Years)).key)
    expect(() => openPki({ directory: path, now })).toThrow('ca.key is not the key of ca.crt')
    rmSync(join(path, 'ca.key'))
    expect(() => openPki({ directory: path, now })).toThrow('ca.key is missing beside ca.crt')
  })

  test('TLS works both ways with them', async () => {
    const pki = openPki()
    const ca = certificateToPem(pki.ca.certificate)
    const server = createServer({ ...keyPairToPem(pki.apiserver), ca, requestCert: true, rejectUnauthorized: true }, (socket) => {
      const peer = parseCertificate(socket.getPeerCertificate(true).raw)
      socket.end(`${peer.subject.commonName}/${peer.subject.organizations.join()}`)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const socket = connect({ host: '127.0.0.1', port, servername: 'kubernetes.default.svc', ca, ...keyPairToPem(pki.issueClient('alice', ['a', 'b'])) })
    let text = ''
    socket.on('data', (bytes) => (text += String(bytes)))
    await once(socket, 'end')
    server.close()
    expect(text).toBe('alice/a,b')
  })
})
