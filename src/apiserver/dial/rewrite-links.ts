import { posix } from 'node:path'

/** How a page that is served below a proxy's path finds its way back there. */
export interface Links {
  /** What paths begin with at the API server: `/api/v1/namespaces/default/services/web/proxy`. */
  readonly prefix: string
  /** The backend's own `host:port`, and the host that the client asked: links to either are the page's own. */
  readonly hosts: readonly string[]
}

const url = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/

/** A link to the page's own host, from its root on, leads through the proxy; every other stays as it is. */
export function rewriteLink(link: string, { prefix, hosts }: Links): string {
  const parts = url.exec(link)
  if (!parts) return link
  const [, scheme = '', host = '', path = '', query = '', fragment = ''] = parts
  if ((host !== '' && !hosts.includes(host)) || !path.startsWith('/')) return link
  // To the host that the client asked, it stays absolute; the backend's own is nothing to the client.
  const start = host !== '' && host === hosts.at(-1) ? `${scheme ? `${scheme}:` : ''}//${host}` : ''
  if (path.startsWith(prefix)) return start + path + query + fragment
  const joined = posix.join(prefix, path)
  return `${start}${joined}${path.endsWith('/') && !joined.endsWith('/') ? '/' : ''}${query}${fragment}`
}

/** Attributes that hold a link, by element. */
const linked: Readonly<Record<string, readonly string[]>> = {
  a: ['href'], applet: ['codebase'], area: ['href'], audio: ['src'], base: ['href'], blockquote: ['cite'], body: ['background'], button: ['formaction'], command: ['icon'],
  del: ['cite'], embed: ['src'], form: ['action'], frame: ['longdesc', 'src'], head: ['profile'], html: ['manifest'], iframe: ['longdesc', 'src'], img: ['longdesc', 'src', 'usemap'],
  input: ['src', 'usemap', 'formaction'], ins: ['cite'], link: ['href'], object: ['classid', 'codebase', 'data', 'usemap'], q: ['cite'], script: ['src'], source: ['src'], video: ['poster', 'src'],
}
/** What stands between their tags is text, whatever it looks like. */
const rawText = new Set(['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes', 'plaintext'])

const tag = /<!--[^]*?(?:-->|$)|<([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/g
const attribute = /([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'=<>`]+)/g

/** The links of a page, element by element. */
export function rewriteHtml(html: string, links: Links): string {
  let rewritten = ''
  let at = 0
  tag.lastIndex = 0
  for (let found = tag.exec(html); found; found = tag.exec(html)) {
    const [whole, given, attributes] = found
    if (given === undefined) continue
    const name = given.toLowerCase()
    const holds = linked[name]
    if (holds && attributes) rewritten += html.slice(at, found.index) + `<${given}${attributes.replace(attribute, rewriter(holds, links))}>`
    else rewritten += html.slice(at, found.index + whole.length)
    at = found.index + whole.length
    if (rawText.has(name)) tag.lastIndex = endOf(html, name, at)
  }
  return rewritten + html.slice(at)
}

const rewriter = (holds: readonly string[], links: Links) => (whole: string, name: string, equals: string, value: string): string => {
  if (!holds.includes(name.toLowerCase())) return whole
  const text = /^["']/.test(value) ? value.slice(1, -1) : value
  const link = unescape(text)
  const rewritten = rewriteLink(link, links)
  return rewritten === link ? whole : `${name}${equals}"${escape(rewritten)}"`
}

function endOf(html: string, name: string, from: number): number {
  const end = html.slice(from).search(new RegExp(`</${name}[\\s/>]`, 'i'))
  return end < 0 ? html.length : from + end
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const unescape = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|(amp|lt|gt|quot|apos));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name) return named[name]!
    const code = decimal ? Number(decimal) : Number.parseInt(hex!, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&#34;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
