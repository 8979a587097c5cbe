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
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return errors.required(`url must be a valid URL: parse ${JSON.stringify(text)}; ${form}`)
  }
  if (url.protocol !== 'https:') errors.invalid(url.protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${form}`)
  if (url.host === '') errors.invalid(url.host, `host must be specified; ${form}`)
  if (url.username !== '') errors.invalid(url.username, 'user information is not permitted in the URL')
  if (url.hash !== '') errors.invalid(url.hash.slice(1), 'fragments are not permitted in the URL')
  if (url.search !== '') errors.invalid(url.search.slice(1), 'query parameters are not permitted in the URL')
}
