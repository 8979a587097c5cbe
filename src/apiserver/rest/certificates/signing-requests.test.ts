import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { certificatesigningrequests } from '#api/certificates/v1/certificate-signing-request'
import { certificateToPem } from '#component-base/certs/certificate'
import { bitString, children, nothing, oid, readDer, sequence } from '#component-base/certs/der'
import { createAuthority } from '#component-base/certs/issue'
import { generateKey } from '#component-base/certs/keys'
import { fromPem, toPem } from '#component-base/certs/pem'
import { createRequest } from '#component-base/certs/request'
import { startTestServer } from '../../testing/test-server'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const subject = { commonName: 'jane', organizations: ['dev'] }
const pem = createRequest(generateKey(), subject)
const [der] = fromPem('CERTIFICATE REQUEST', pem)
const pemOf = (bytes: Uint8Array, label = 'CERTIFICATE REQUEST') => toPem(label, bytes)
/** A request whose content stays, and whose signature is another. */
const signedBy = (algorithm: Buffer, signature: Uint8Array, request = der!) => pemOf(sequence(children(readDer(request))[0]!.raw, algorithm, bitString(signature)))

async function create(request: string, spec: object = {}) {
  await using server = await startTestServer()
  const made = await server.client.create(certificatesigningrequests, { metadata: { name: 'a' }, spec: { request: base64(request), signerName: 'example.com/x', usages: ['client auth'], ...spec } })
  return made.metadata.name
}

describe('a request', () => {
  test.each([
    ['P-256', generateKey()], ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey], ['Ed25519', generateKeyPairSync('ed25519').privateKey],
  ])('of a key of the sort %s', async (_, key) => {
    expect(await create(`some text\n${createRequest(key, subject)}`)).toBe('a')
  })

  test.each<[string, string, string]>([
    ['nothing', '', 'PEM block type must be CERTIFICATE REQUEST'],
    ['another block', toPem('CERTIFICATE', der!), 'PEM block type must be CERTIFICATE REQUEST'],
    ['an ending that does not fit', pem.replace('END CERTIFICATE REQUEST', 'END CERTIFICATE'), 'PEM block type must be CERTIFICATE REQUEST'],
    ['a number', pemOf(Buffer.from([2, 1, 5])), "asn1: structure error: tags don't match (16 vs {class:0 tag:2 length:1 isCompound:false}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @2"],
    ['half of it', pemOf(der!.subarray(0, 60)), 'asn1: syntax error: data truncated'],
    ['more than it', pemOf(Buffer.concat([der!, Buffer.from([5, 0])])), 'asn1: syntax error: trailing data'],
    ['an empty one', pemOf(Buffer.from([0x30, 0])), 'asn1: syntax error: sequence truncated'],
    ['another key\'s signature', signedBy(sequence(oid('1.2.840.10045.4.3.2')), sign('sha256', children(readDer(der!))[0]!.raw, generateKey())), 'x509: ECDSA verification failure'],
    ['another sort of signature', signedBy(sequence(oid('1.2.840.113549.1.1.11'), nothing), Buffer.alloc(256)), 'x509: signature algorithm specifies an RSA public key, but have public key of type *ecdsa.PublicKey'],
    ['a signature that nobody knows', signedBy(sequence(oid('1.2.3')), Buffer.alloc(8)), 'x509: cannot verify signature: algorithm unimplemented'],
  ])('that is %s', async (_, text, message) => {
    await expect(create(text)).rejects.toThrow(`spec.request: Invalid value: ${JSON.stringify(base64(text))}: ${message}`)
  })

  test('is refused with everything else that is wrong', async () => {
    await expect(create(pem.slice(40), { usages: [] })).rejects.toMatchObject({ status: { details: { causes: [{ field: 'spec.request' }, { field: 'spec.usages' }] } } })
  })
})

test('what is issued is whole certificates', async () => {
  await using server = await startTestServer()
  const { client } = server
  const made = await client.create(certificatesigningrequests, { metadata: { name: 'a' }, spec: { request: base64(pem), signerName: 'example.com/x', usages: ['client auth'] } })
  const issue = (certificate: string) => client.update(certificatesigningrequests, { ...made, metadata: { name: 'a' }, status: { certificate: base64(certificate) } }, { subresource: 'status' })
  const authority = certificateToPem(createAuthority(subject, new Date(0), new Date(1e12)).certificate)
  const [whole] = fromPem('CERTIFICATE', authority)
  const refused = (text: string, message: string) => expect(issue(text)).rejects.toThrow(`status.certificate: Invalid value: "<certificate data>": ${message}`)
  await refused('no certificate', 'must contain at least one CERTIFICATE PEM block')
  await refused(pem, 'only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"')
  await refused(authority.replace('-----\n', '-----\nProc-Type: 4\n\n'), 'no PEM block headers are permitted')
  await refused(pemOf(whole!.subarray(0, 50), 'CERTIFICATE'), 'x509: malformed certificate')
  await refused(pemOf(sequence(sequence()), 'CERTIFICATE'), 'x509: malformed serial number')
  await refused(authority + pemOf(sequence(nothing), 'CERTIFICATE'), 'x509: malformed tbs certificate')
  const issued = await issue(`${authority}\nand\n${authority}`)
  expect(issued.status.certificate).toBe(base64(`${authority}\nand\n${authority}`))
  await expect(issue(authority)).rejects.toThrow('updates may not modify existing certificate content')
})
