/** The KeyUsage bits of RFC 5280, by the names that CertificateSigningRequests use. */
const keyUsageBits: Readonly<Record<string, number>> = {
  'signing': 0, 'digital signature': 0, 'content commitment': 1, 'key encipherment': 2, 'data encipherment': 3, 'key agreement': 4,
  'cert sign': 5, 'crl sign': 6, 'encipher only': 7, 'decipher only': 8,
}

/** Extended key usages by the same names. */
const extendedKeyUsageOids: Readonly<Record<string, string>> = {
  'any': '2.5.29.37.0', 'server auth': '1.3.6.1.5.5.7.3.1', 'client auth': '1.3.6.1.5.5.7.3.2', 'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4', 's/mime': '1.3.6.1.5.5.7.3.4', 'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6', 'ipsec user': '1.3.6.1.5.5.7.3.7', 'timestamping': '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9', 'microsoft sgc': '1.3.6.1.4.1.311.10.3.3', 'netscape sgc': '2.16.840.1.113730.4.1',
}

const namesOfOids = new Map(Object.entries(extendedKeyUsageOids).toReversed().map(([name, id]) => [id, name]))

export interface EncodableUsages {
  /** Bits of KeyUsage, each once. */
  readonly bits: readonly number[]
  readonly oids: readonly string[]
}

/** Throws, naming all of them, for usages that nobody knows. */
export function usagesOf(names: readonly string[]): EncodableUsages {
  const unknown = names.filter((name) => keyUsageBits[name] === undefined && extendedKeyUsageOids[name] === undefined)
  if (unknown.length > 0) throw new Error(`unrecognized usage values: ${JSON.stringify(unknown)}`)
  return {
    bits: [...new Set(names.flatMap((name) => keyUsageBits[name] ?? []))].sort((a, b) => a - b),
    oids: [...new Set(names.flatMap((name) => extendedKeyUsageOids[name] ?? []))].sort(),
  }
}

/** `client auth` for its object identifier; identifiers without a name stay as they are. */
export const extendedUsageName = (id: string): string => namesOfOids.get(id) ?? id

export const keyUsageNames = (bits: readonly number[]): string[] =>
  bits.flatMap((bit) => Object.keys(keyUsageBits).find((name) => name !== 'signing' && keyUsageBits[name] === bit) ?? [])
