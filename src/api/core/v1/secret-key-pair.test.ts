import { expect, test } from 'vitest'
import { keyPairWarnings } from './secret-key-pair'

const pem = (...types: string[]): string => btoa(types.map((type) => `-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`).join(''))
test.each<[string, string, string[]]>([
  [pem('CERTIFICATE', 'CERTIFICATE'), pem('EC PARAMETERS', 'EC PRIVATE KEY'), []],
  [btoa('x'), pem('PRIVATE KEY'), ['tls: failed to find any PEM data in certificate input']],
  [pem('RSA PRIVATE KEY'), pem('CERTIFICATE'), ['tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched']],
  [pem('A', 'B'), '', ['tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [A B]']],
  [pem('CERTIFICATE'), '', ['tls: failed to find any PEM data in key input']],
  [pem('CERTIFICATE'), pem('CERTIFICATE'), ['tls: found a certificate rather than a key in the PEM for the private key']],
])('%#', (certificate, key, warnings) => {
  expect(keyPairWarnings({ 'tls.crt': certificate, 'tls.key': key })).toEqual(warnings)
})
