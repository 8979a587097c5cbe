import type { FieldErrors } from '#apimachinery/field-errors'
import { isDns1123Subdomain } from '#apimachinery/names'

interface WebhookPlace {
  readonly url?: string
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number }
}

/** Where a webhook is: of admission and of conversion. */
export function validateWebhookClient(client: WebhookPlace | undefined, errors: FieldErrors): void {
  const { url, service } = client ?? {}
  if ((url === undefined) === (service === undefined)) return errors.required('exactly one of url or service is required')
  if (url !== undefined) validateUrl(url, errors.at('url'))
  if (!service) return
  // The original takes one for the other.
  if (!service.namespace) errors.at('service', 'name').required()
  if (!service.name) errors.at('service', 'namespace').required()
  const port = service.port
  if (port !== undefined && (port < 1 || port > 65535)) errors.at('service', 'port').invalid(port, 'port is not valid: must be between 1 and 65535, inclusive')
  validatePath(service.path ?? '', errors.at('service', 'path'))
}

function validatePath(path: string, errors: FieldErrors): void {
  if (path === '' || path === '/') return
  if (path === '//') return errors.invalid(path, 'segment[0] may not be empty')
  if (!path.startsWith('/')) errors.invalid(path, "must start with a '/'")
  for (const [i, step] of path.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (step === '') errors.invalid(path, `segment[${i}] may not be empty`)
    else for (const problem of isDns1123Subdomain(step)) errors.invalid(path, `segment[${i}]: ${problem}`)
  }
}

function validateUrl(text: string, errors: FieldErrors): void {
  const form = 'desired format: https://host[/path]'
  const url = parseUrl(text)
  if (typeof url === 'string') return errors.required(`url must be a valid URL: parse ${JSON.stringify(text)}: ${url}; ${form}`)
  if (url.scheme !== 'https') errors.invalid(url.scheme, `'https' is the only allowed URL scheme; ${form}`)
  if (url.host === '') errors.invalid(url.host, `host must be specified; ${form}`)
  if (url.user !== undefined) errors.invalid(url.user, 'user information is not permitted in the URL')
  if (url.fragment !== '') errors.invalid(url.fragment, 'fragments are not permitted in the URL')
  if (url.query !== '') errors.invalid(url.query, 'query parameters are not permitted in the URL')
}

interface Url {
  readonly scheme: string
  readonly host: string
  readonly user: string | undefined
  readonly fragment: string
  readonly query: string
}

/** As Go's url.Parse, to which nearly any text is a URL, of a path alone if need be. A text says what is wrong. */
function parseUrl(text: string): Url | string {
  if (/[\x00-\x1f\x7f]/.test(text)) return 'net/url: invalid control character in URL'
  if (text.startsWith(':')) return 'missing protocol scheme'
  const [, scheme = '', rest = '', query = '', fragment = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text)!
  if (scheme === '' && !rest.startsWith('/') && rest.split('/')[0]!.includes(':')) return 'first path segment in URL cannot contain colon'
  const escape = /%(?![0-9a-fA-F]{2})(.{0,2})/s.exec(rest)
  if (escape) return `invalid URL escape ${JSON.stringify(`%${escape[1]}`)}`
  const authority = rest.startsWith('//') ? rest.slice(2).split('/')[0]! : ''
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  const strange = /[ "<>\\^`{|}]/.exec(host)
  if (strange) return `invalid character ${JSON.stringify(strange[0])} in host name`
  const port = /^(?:\[[^\]]*\]|[^:]*)(:.*)$/.exec(host)?.[1]
  if (port !== undefined && !/^:\d*$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`
  return { scheme: scheme.toLowerCase(), host, user: at < 0 ? undefined : authority.slice(0, at), fragment, query }
}
