import { fail } from '../runtime/errors'
import { mapKey, Opaque } from '../runtime/values'
import { hostnameOf, parseGoUrl, portOf, queryOf, type GoUrl } from './go-url'
import { each, type FunctionDeclaration } from './overload'

class UrlValue extends Opaque {
  readonly typeName = 'kubernetes.URL'
  readonly url: GoUrl
  constructor(url: GoUrl) {
    super()
    this.url = url
  }
  equals(other: Opaque): boolean {
    return (other as UrlValue).url.text === this.url.text
  }
}

/** Judged as in a request line, then read anew, since a fragment is none of a request's. */
function urlOf(text: string): UrlValue {
  const judged = parseGoUrl(text, true)
  const found = typeof judged === 'string' ? judged : parseGoUrl(text, false)
  return typeof found === 'string' ? fail(`URL parse error during conversion from string: ${found}`) : new UrlValue(found)
}

const part = (name: string, id: string, read: (url: GoUrl) => string): FunctionDeclaration =>
  each(name, { [id]: ['kubernetes.URL.() -> string', ({ url }: UrlValue) => read(url)] })

export const urls: readonly FunctionDeclaration[] = [
  each('url', { string_to_url: ['(string) -> kubernetes.URL', urlOf] }),
  each('isURL', { is_url_string: ['(string) -> bool', (text: string) => typeof parseGoUrl(text, true) !== 'string'] }),
  part('getScheme', 'url_get_scheme', ({ scheme }) => scheme),
  part('getHost', 'url_get_host', ({ host }) => host),
  part('getHostname', 'url_get_hostname', ({ host }) => hostnameOf(host)),
  part('getPort', 'url_get_port', ({ host }) => portOf(host)),
  part('getEscapedPath', 'url_get_escaped_path', ({ escapedPath }) => escapedPath),
  each('getQuery', {
    url_get_query: ['kubernetes.URL.() -> map(string, list(string))', ({ url }: UrlValue) =>
      new Map(Array.from(queryOf(url.query), ([name, values]) => [mapKey(name), [name, values]]))],
  }),
]
