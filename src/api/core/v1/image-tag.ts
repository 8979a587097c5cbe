// How registries read the name of an image: the tag decides on the default of the pull policy.

const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const digests: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }
const reference = new RegExp(`^(?:(${domain})/)?(${part}(?:/${part})*)(?::(\\w[\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*):([0-9A-Fa-f]{32,}))?$`)

/** `latest` where neither tag nor digest is given; '' where there is a digest alone, or where the text is no name of an image. */
export function imageTag(image: string): string {
  if (/^[a-f0-9]{64}$/.test(image)) return ''
  const slash = image.indexOf('/')
  const first = image.slice(0, Math.max(slash, 0))
  // What has no sign of a host in it is the first part of a path.
  const hosted = slash > 0 && (first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first)
  const found = reference.exec(hosted ? image : `docker.io/${image}`)
  if (!found) return ''
  const [, host = '', path = '', tag = '', algorithm, digest = ''] = found
  if (`${host}/${path}`.length > 255) return ''
  if (algorithm !== undefined && digests[algorithm] !== digest.length) return ''
  return tag || (algorithm === undefined ? 'latest' : '')
}
