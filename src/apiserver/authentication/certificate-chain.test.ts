import { describe, expect, test } from 'vitest'
import { explicit, implicit, oid, sequence } from '#component-base/certs/der'
import { createAuthority, issue, type KeyPair } from '#component-base/certs/issue'
import { addressBytes, noAlternativeNames, type AlternativeNames } from '#component-base/certs/names'
import { intermediateAuthority } from '../testing/intermediate-authority'
import { verifyChain } from './certificate-chain'

const now = Date.UTC(2026, 0, 1)
const [notBefore, notAfter] = [new Date(now - 1000), new Date(now + 3600_000)]
const root = createAuthority({ commonName: 'root', organizations: [] }, notBefore, notAfter)
const authority = (name: string, signer: KeyPair, extensions: Record<string, Buffer> = {}): KeyPair => intermediateAuthority({ name, notBefore, notAfter, extensions }, signer)
const leaf = (signer: KeyPair, names: Partial<AlternativeNames> = {}, usages = ['client auth']): KeyPair =>
  issue({ subject: { commonName: 'alice', organizations: [] }, names: { ...noAlternativeNames, ...names }, usages, notBefore, notAfter }, signer)
const verify = (one: KeyPair, ...sent: KeyPair[]): string => {
  try {
    verifyChain(one.certificate, sent.map(({ certificate }) => certificate.raw), [root.certificate], now)
    return 'good'
  } catch (error) {
    return (error as Error).message.replace(/^verifying certificate SN=\d+, SKID=[\dA-F:]*, AKID=[\dA-F:]* failed: x509: /, '')
  }
}

const constraintsId = '2.5.29.30'
const text = (tag: number) => (value: string): Buffer => implicit(tag, Buffer.from(value))
const [email, dns, uri] = [text(1), text(2), text(6)]
const range = (address: string, mask: string): Buffer => implicit(7, Buffer.concat([addressBytes(address), addressBytes(mask)]))
const constraints = (permitted: Buffer[], excluded: Buffer[] = []): Record<string, Buffer> => ({
  [constraintsId]: sequence(...[permitted, excluded].flatMap((list, i) => (list.length === 0 ? [] : [explicit(i, ...list.map((base) => sequence(base)))]))),
})
const notAuthorized = (detail: string): string => `a root or intermediate certificate is not authorized to sign for this name: ${detail}`

describe('an authority is good for the names that it may speak for', () => {
  test.for<[string, Record<string, Buffer>, Partial<AlternativeNames>, string]>([
    ['a domain and what is below it', constraints([dns('example.com')]), { dns: ['example.com', 'a.b.EXAMPLE.com'] }, 'good'],
    ['another domain', constraints([dns('example.com')]), { dns: ['a.example.com', 'badexample.com'] }, notAuthorized('DNS name "badexample.com" is not permitted by any constraint')],
    ['only what is below', constraints([dns('.example.com')]), { dns: ['example.com'] }, notAuthorized('DNS name "example.com" is not permitted by any constraint')],
    ['an excluded domain', constraints([dns('example.com')], [dns('bad.example.com')]), { dns: ['x.bad.example.com'] }, notAuthorized('DNS name "x.bad.example.com" is excluded by constraint "bad.example.com"')],
    ['a wildcard that may stand for an excluded one', constraints([], [dns('bad.example.com')]), { dns: ['*.example.com'] }, notAuthorized('DNS name "*.example.com" is excluded by constraint "bad.example.com"')],
    ['everything is excluded', constraints([], [dns('')]), { dns: ['a.org'] }, notAuthorized('DNS name "a.org" is excluded by constraint ""')],
    ['another sort is not limited', constraints([dns('example.com')]), { ips: ['10.1.2.3'], emails: ['a@b.org'] }, 'good'],
    ['an address within', constraints([range('10.0.0.0', '255.0.0.0')]), { ips: ['10.1.2.3'] }, 'good'],
    ['an address beyond', constraints([range('10.0.0.0', '255.0.0.0')]), { ips: ['11.1.2.3'] }, notAuthorized('IP address "11.1.2.3" is not permitted by any constraint')],
    ['an address of the other family', constraints([range('10.0.0.0', '255.0.0.0')]), { ips: ['fd00::1'] }, notAuthorized('IP address "fd00::1" is not permitted by any constraint')],
    ['an excluded address', constraints([], [range('fd00::', 'ff00::')]), { ips: ['fd00::1'] }, notAuthorized('IP address "fd00::1" is excluded by constraint "fd00::/8"')],
    ['a mailbox', constraints([email('a@example.com')]), { emails: ['a@EXAMPLE.com'] }, 'good'],
    ['another mailbox', constraints([email('a@example.com')]), { emails: ['b@example.com'] }, notAuthorized('email address "b@example.com" is not permitted by any constraint')],
    ['mailboxes of a domain', constraints([email('example.com')], [email('root@example.com')]), { emails: ['root@example.com'] }, notAuthorized('email address "root@example.com" is excluded by constraint "root@example.com"')],
    ['a URI', constraints([uri('.example.com')]), { uris: ['spiffe://a.example.com:80/x'] }, 'good'],
    ['a URI elsewhere', constraints([uri('.example.com')]), { uris: ['spiffe://example.org/x'] }, notAuthorized('URI "spiffe://example.org/x" is not permitted by any constraint')],
    ['a URI without a host', constraints([uri('.example.com')]), { uris: ['urn:x'] }, notAuthorized('URI with empty host ("urn:x") cannot be matched against constraints')],
    ['a URI with an address', constraints([dns('a')]), { uris: ['https://10.0.0.1/'] }, notAuthorized('URI with IP ("https://10.0.0.1/") cannot be matched against constraints')],
    ['no names at all', constraints([dns('example.com')]), {}, 'good'],
    ['limits that nobody knows', constraints([implicit(4, Buffer.alloc(0))]), {}, 'unhandled critical extension'],
  ])('%s', ([, extensions, names, expected]) => {
    const limited = authority('limited', root, extensions)
    expect(verify(leaf(limited, names), limited)).toBe(expected)
    // Whoever is below is limited too.
    const below = authority('below', limited)
    expect(verify(leaf(below, names), below, limited)).toBe(expected)
  })

  test('a mask with holes is no range', () => {
    expect(() => authority('limited', root, constraints([range('10.0.0.0', '255.0.255.0')]))).toThrow('x509: IP constraint contained invalid mask ff00ff00')
  })
})

test('the whole way is for clients', () => {
  const usages = (id: string): Record<string, Buffer> => ({ '2.5.29.37': sequence(oid(id)) })
  for (const [id, expected] of [['1.3.6.1.5.5.7.3.2', 'good'], ['2.5.29.37.0', 'good'], ['1.3.6.1.5.5.7.3.1', 'certificate specifies an incompatible key usage']] as const) {
    const middle = authority('middle', root, usages(id))
    expect(verify(leaf(middle), middle)).toBe(expected)
  }
  expect(verify(leaf(root, {}, ['server auth']))).toBe('certificate specifies an incompatible key usage')
  expect(verify(leaf(root, {}, []))).toBe('good')
})

test('what is trusted itself needs nobody else; what must be looked at is looked at', () => {
  const other = createAuthority({ commonName: 'other', organizations: [] }, notBefore, notAfter)
  const own = leaf(other)
  expect(verify(own)).toBe('certificate signed by unknown authority')
  expect(verifyChain(own.certificate, [], [own.certificate], now).certificate).toBe(own.certificate)
  const odd = authority('odd', root, { '1.2.3.4': sequence() })
  expect(verify(leaf(odd), odd)).toBe('unhandled critical extension')
})
