import { describe, expect, test } from 'vitest'
import {
  byteLength, isConfigMapKey, isDns1035Label, isDns1123Label, isDns1123Subdomain, isEnvVarName, isFullyQualifiedDomainName, isLabelValue, isPathSegmentName,
  isPortName, isQualifiedName, isRelaxedEnvVarName, isWildcardDns1123Subdomain, nameIsDnsSubdomain,
} from './names'

const subdomainText = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`

describe('names', () => {
  test.each([
    [isDns1123Label, ['a', '0', 'a-1', 'a'.repeat(63)]],
    [isDns1123Subdomain, ['a.b', '1.2', 'a'.repeat(253)]],
    [isDns1035Label, ['a', 'a-1']],
    [isQualifiedName, ['A', 'a_b.c', 'example.com/A-b']],
    [isLabelValue, ['', 'A', 'a_b']],
    [isPortName, ['http', 'a-1']],
    [isEnvVarName, ['A', '_a.b-c']],
    [isRelaxedEnvVarName, ['1 a', '~']],
    [isConfigMapKey, ['a.b', '..a'.slice(1), 'A_']],
    [isWildcardDns1123Subdomain, ['*.a.b']],
  ])('%o accepts what is fine', (rule, values) => {
    for (const value of values) expect(rule(value), value).toEqual([])
  })

  test('messages carry the pattern and its examples', () => {
    expect(isDns1123Label('a.b')).toEqual(['must not contain dots'])
    expect(isDns1123Label('A')[0]).toBe(
      `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    )
    expect(isDns1123Subdomain('A.b')).toEqual([subdomainText])
    expect(isDns1123Subdomain('a'.repeat(254))).toEqual(['must be no more than 253 characters'])
    expect(isLabelValue('a'.repeat(64))).toEqual(['must be no more than 63 bytes'])
    expect(isQualifiedName('a/b/c')[0]).toMatch(/^a valid label key must consist of .* with an optional DNS subdomain prefix and '\/' \(e.g. 'example.com\/MyName'\)$/)
    expect(isQualifiedName('/b')).toEqual(['prefix part must be non-empty'])
    expect(isQualifiedName('A.com/b')).toEqual([`prefix part ${subdomainText}`])
    expect(isQualifiedName('')).toEqual(['name part must be non-empty', expect.stringMatching(/^name part must consist of/)])
    expect(isPortName('')).toEqual(['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)', 'must contain at least one letter (a-z)'])
    expect(isConfigMapKey('..')).toEqual([`must not be '..'`])
    expect(isConfigMapKey('..a')).toEqual([`must not start with '..'`])
    expect(isPathSegmentName('a/b%')).toEqual([`may not contain '/'`, `may not contain '%'`])
    expect(isPathSegmentName('..')).toEqual([`may not be '..'`])
    expect(isPathSegmentName('..', true)).toEqual([])
    expect(isFullyQualifiedDomainName('a')).toEqual([{ value: 'a', message: 'should be a domain with at least two segments separated by dots' }])
  })

  test('a generateName may end with a dash', () => {
    expect(nameIsDnsSubdomain('web-', true)).toEqual([])
    expect(nameIsDnsSubdomain('web-', false)).toEqual([subdomainText])
  })

  test('lengths are bytes', () => {
    expect(byteLength('aä€😀')).toBe(1 + 2 + 3 + 4)
    expect(isLabelValue('ä'.repeat(32))[0]).toBe('must be no more than 63 bytes')
  })
})
