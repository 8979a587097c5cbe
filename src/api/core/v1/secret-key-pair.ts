// What can be said about a certificate and its key without reading either: whether they are there at all.

/** The types of the PEM blocks in a text: `CERTIFICATE`, `EC PRIVATE KEY`. */
function blockTypes(base64: string | undefined): string[] {
  const text = atob(base64 ?? '')
  return [...text.matchAll(/^-----BEGIN ([^\n]*?)-----[ \t\r]*\n[\s\S]*?^-----END \1-----[ \t\r]*$/gm)].map(([, type]) => type!)
}

export function keyPairWarnings(data: Readonly<Record<string, string>>): string[] {
  const certificates = blockTypes(data['tls.crt'])
  if (!certificates.includes('CERTIFICATE')) {
    if (certificates.length === 0) return ['tls: failed to find any PEM data in certificate input']
    if (certificates.length === 1 && certificates[0]!.endsWith('PRIVATE KEY')) {
      return ['tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched']
    }
    return [`tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${certificates.join(' ')}]`]
  }
  const keys = blockTypes(data['tls.key'])
  if (keys.some((type) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY'))) return []
  if (keys.length === 0) return ['tls: failed to find any PEM data in key input']
  if (keys.length === 1 && keys[0] === 'CERTIFICATE') return ['tls: found a certificate rather than a key in the PEM for the private key']
  return [`tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${keys.join(' ')}]`]
}
