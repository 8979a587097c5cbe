import type { X509Certificate } from 'node:crypto'
import type { Clock } from '#base/clock'
import { certificatesFromPem, parseCertificate } from '#component-base/certs/certificate'
import { option, types } from '#component-base/options/option'
import type { Authenticator, Credentials } from './authenticator'
import { verifyChain, type Chain } from './certificate-chain'

const named = (given: readonly string[]): string | undefined => (given.some((name) => name.trim() === '') ? 'must not hold empty names' : undefined)

/** kube-apiserver's flags; without an authority nobody is believed, and the rest says nothing. */
export const requestHeaderOptions = {
  requestheaderClientCaFile: option(types.string, 'requestheader-client-ca-file', '', 'A file of the authority that signs certificates of front proxies; unless said otherwise the one that the cluster has for its own.'),
  requestheaderAllowedNames: option(types.strings, 'requestheader-allowed-names', ['front-proxy-client'], 'Common names that the certificate of a front proxy may have; with none, any that the authority signed.', named),
  requestheaderUsernameHeaders: option(types.strings, 'requestheader-username-headers', ['X-Remote-User'], 'Where a front proxy says who its client is.', named),
  requestheaderUidHeaders: option(types.strings, 'requestheader-uid-headers', ['X-Remote-Uid'], 'Where a front proxy says which UID that user has.', named),
  requestheaderGroupHeaders: option(types.strings, 'requestheader-group-headers', ['X-Remote-Group'], 'Where a front proxy says which groups that user is in.', named),
  requestheaderExtraHeadersPrefix: option(types.strings, 'requestheader-extra-headers-prefix', ['X-Remote-Extra-'], 'What headers begin with in which a front proxy says more about that user.', named),
}

/** Header names in any case. */
export interface RequestHeaderNames {
  /** In order: the first that says something counts. */
  readonly username: readonly string[]
  readonly uid: readonly string[]
  /** All of them count. */
  readonly group: readonly string[]
  readonly extraPrefix: readonly string[]
}

export const standardHeaders: RequestHeaderNames = { username: ['x-remote-user'], uid: ['x-remote-uid'], group: ['x-remote-group'], extraPrefix: ['x-remote-extra-'] }

export interface RequestHeadersOptions {
  /** PEM of those who sign front proxies' certificates. */
  readonly ca: string
  /** Common names; empty: every certificate of these authorities. */
  readonly allowedNames: readonly string[]
  readonly headers?: RequestHeaderNames
}

/**
 * A front proxy, known by its certificate, says in headers who its client is. Who has no such certificate may say there what he likes:
 * nobody listens, and proxies of ours drop it (`identityHeaders`).
 */
export function requestHeaders({ ca, allowedNames, headers = standardHeaders }: RequestHeadersOptions, clock: Pick<Clock, 'now'>): Authenticator {
  const authorities = certificatesFromPem(ca)
  const { username, uid, group, extraPrefix } = lowered(headers)
  const verified = new WeakMap<X509Certificate, Chain | 'stranger'>()
  const verify = (presented: X509Certificate, intermediates: readonly X509Certificate[]): Chain | 'stranger' => {
    try {
      const chain = verifyChain(parseCertificate(presented.raw), intermediates.map(({ raw }) => raw), authorities, clock.now())
      return allowedNames.length === 0 || allowedNames.includes(chain.certificate.subject.commonName) ? chain : 'stranger'
    } catch {
      // Whose certificate it is instead, others know, and say what is wrong with it.
      return 'stranger'
    }
  }
  return {
    authenticate(credentials) {
      const { certificate: presented, intermediates = [] } = credentials
      if (!presented) return undefined
      let known = verified.get(presented)
      if (!known) verified.set(presented, (known = verify(presented, intermediates)))
      if (known === 'stranger') return undefined
      const now = clock.now()
      if (now < known.from || now >= known.until) return undefined
      const name = first(credentials, username)
      if (name === '') return undefined
      const id = first(credentials, uid)
      const extra = extraOf(credentials, extraPrefix)
      return {
        name, groups: group.flatMap((header) => valuesOf(credentials, header).filter((value) => value !== '')),
        ...(id === '' ? {} : { uid: id }), ...(Object.keys(extra).length > 0 ? { extra } : {}),
      }
    },
  }
}

/** Whether a header, in lower case, claims who somebody is: what proxies do not pass on. The standard names always do. */
export function identityHeaders(also: RequestHeaderNames = standardHeaders): (header: string) => boolean {
  const names = new Set<string>()
  const prefixes: string[] = []
  for (const { username, uid, group, extraPrefix } of [standardHeaders, lowered(also)]) {
    for (const name of [...username, ...uid, ...group]) names.add(name)
    prefixes.push(...extraPrefix)
  }
  return (header) => names.has(header) || prefixes.some((prefix) => header.startsWith(prefix))
}

const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.trim().toLowerCase())
const lowered = ({ username, uid, group, extraPrefix }: RequestHeaderNames): RequestHeaderNames => ({ username: lower(username), uid: lower(uid), group: lower(group), extraPrefix: lower(extraPrefix) })

/** A header that came several times was joined with commas, which names of groups may hold: only the raw pairs tell. */
function valuesOf({ headers, rawHeaders }: Credentials, name: string): readonly string[] {
  const joined = headers[name]
  if (joined === undefined) return []
  if (Array.isArray(joined)) return joined
  if (!rawHeaders || !joined.includes(',')) return [joined]
  const values: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) if (rawHeaders[i]!.toLowerCase() === name) values.push(rawHeaders[i + 1]!)
  return values
}

function first(credentials: Credentials, names: readonly string[]): string {
  for (const name of names) {
    const [value = ''] = valuesOf(credentials, name)
    if (value !== '') return value
  }
  return ''
}

function extraOf(credentials: Credentials, prefixes: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = {}
  for (const prefix of prefixes) {
    for (const name in credentials.headers) if (name.startsWith(prefix)) (extra[keyOf(name.slice(prefix.length))] ??= []).push(...valuesOf(credentials, name))
  }
  return extra
}

/** Keys are escaped, since not every letter may stand in a header's name; one that is not stays as it is. */
function keyOf(escaped: string): string {
  try {
    return decodeURIComponent(escaped)
  } catch {
    return escaped
  }
}
