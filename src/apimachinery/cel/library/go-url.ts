import { quoted } from '../runtime/go-numbers'

/** A URL in the parts that Go's `net/url` finds; nothing is put in order, as WHATWG's would. */
export interface GoUrl {
  readonly scheme: string
  readonly host: string
  /** As it was written, where that says what the path is. */
  readonly escapedPath: string
  readonly query: string
  /** What it is compared by. */
  readonly text: string
}

class UrlFault extends Error {}
const fault = (message: string): never => {
  throw new UrlFault(message)
}

/** `request`: what a request line may hold: an absolute URI or path, without fragment. The answer is a text where it is none. */
export function parseGoUrl(text: string, request: boolean): GoUrl | string {
  const at = request ? -1 : text.indexOf('#')
  const [whole, fragment] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
  try {
    const found = parse(whole, request)
    unescaped(fragment, 'fragment')
    return { ...found, text }
  } catch (error) {
    if (error instanceof UrlFault) return `parse ${quoted(text)}: ${error.message}`
    throw error
  }
}

function parse(text: string, request: boolean): Omit<GoUrl, 'text'> {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(text)) fault('net/url: invalid control character in URL')
  if (text === '' && request) fault('empty url')
  if (text === '*') return { scheme: '', host: '', escapedPath: '*', query: '' }
  const [scheme, afterScheme] = schemeOf(text)
  const mark = afterScheme.indexOf('?')
  const query = mark < 0 ? '' : afterScheme.slice(mark + 1)
  let rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark)
  if (!rest.startsWith('/')) {
    // What has a scheme but no slash is opaque: `mailto:somebody`.
    if (scheme !== '') return { scheme, host: '', escapedPath: '', query }
    if (request) fault('invalid URI for request')
    if (rest.split('/', 1)[0]!.includes(':')) fault('first path segment in URL cannot contain colon')
  }
  let host = ''
  if ((scheme !== '' || !rest.startsWith('///')) && rest.startsWith('//')) {
    const end = rest.indexOf('/', 2)
    const authority = rest.slice(2, end < 0 ? undefined : end)
    rest = end < 0 ? '' : rest.slice(end)
    host = hostOf(authority)
  }
  const path = unescaped(rest, 'path')
  return { scheme, host, escapedPath: validEncoded(rest) ? rest : escapedPath(path), query }
}

function schemeOf(text: string): [scheme: string, rest: string] {
  const found = /^[a-zA-Z][a-zA-Z0-9+\-.]*:/.exec(text)
  if (found) return [found[0].slice(0, -1).toLowerCase(), text.slice(found[0].length)]
  return text.startsWith(':') ? fault('missing protocol scheme') : ['', text]
}

function hostOf(authority: string): string {
  const at = authority.lastIndexOf('@')
  if (at >= 0) {
    const user = authority.slice(0, at)
    if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) fault('net/url: invalid userinfo')
    unescaped(user, 'user')
  }
  const host = authority.slice(at + 1)
  const open = host.indexOf('[')
  if (open > 0) fault('invalid IP-literal')
  if (open === 0) {
    const close = host.lastIndexOf(']')
    if (close < 0) fault("missing ']' in host")
    checkPort(host.slice(close + 1))
    return host.replace('%25', '%')
  }
  const colon = host.lastIndexOf(':')
  if (colon >= 0) checkPort(host.slice(colon))
  return unescaped(host, 'host')
}

function checkPort(text: string): void {
  if (text !== '' && !/^:\d*$/.test(text)) fault(`invalid port ${quoted(text)} after host`)
}

function unescaped(text: string, part: 'path' | 'fragment' | 'user' | 'host'): string {
  for (const { 0: escape } of text.matchAll(/%.{0,2}/gs)) if (!/^%[0-9a-fA-F]{2}$/.test(escape)) fault(`invalid URL escape ${quoted(escape)}`)
  if (part === 'host') {
    const odd = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\uffff]/.exec(text)
    if (odd) fault(`invalid character ${quoted(odd[0])} in host name`)
    const escape = [...text.matchAll(/%([0-7][0-9a-fA-F])/g)].find(([, hex]) => hex !== '25')
    if (escape) fault(`invalid URL escape ${quoted(escape[0])}`)
  }
  return text.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

const validEncoded = (text: string): boolean => /^[A-Za-z0-9\-_.~!$&'()*+,;=:@/[\]%]*$/.test(text)
const escapedPath = (text: string): string => text.replaceAll(/[^A-Za-z0-9\-_.~$&+,/:;=@]/gu, (character) =>
  Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''))

/** The values of each name; pieces that are no query are left out. */
export function queryOf(query: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const at = pair.indexOf('=')
    try {
      const [name, value] = (at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]).map((part) => unescaped(part.replaceAll('+', ' '), 'path')) as [string, string]
      found.set(name, [...(found.get(name) ?? []), value])
    } catch (error) {
      if (!(error instanceof UrlFault)) throw error
    }
  }
  return found
}

export function hostnameOf(host: string): string {
  const plain = host.replace(/:\d*$/, '')
  return plain.startsWith('[') && plain.endsWith(']') ? plain.slice(1, -1) : plain
}

export const portOf = (host: string): string => /:(\d*)$/.exec(host)?.[1] ?? ''
