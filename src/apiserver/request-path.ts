import type { RequestInfo } from './request-info'

const verbs: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
const noQuery = new URLSearchParams()
/** What a namespace is followed by when the request is about the namespace itself. */
const namespaceSubresources = new Set(['status', 'finalize'])

/** Decodes percent escapes; a broken one stays as it is, so that the object it names is simply not found. */
function unescaped(part: string): string {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Whether a query parameter such as `watch` is on: `1`, `true`, and present without a value. */
export function isOn(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  if (value === null) return false
  const lower = value.toLowerCase()
  return lower !== 'false' && lower !== '0'
}

/** Reads a request's method and target (`/path?query`) as the authorizers and the registry want to see it. */
export function readRequestInfo(method: string, target: string): RequestInfo {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 || mark === target.length - 1 ? noQuery : new URLSearchParams(target.slice(mark + 1))
  return requestInfoOf(method, path, query)
}

export function requestInfoOf(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = split(path)
  const grouped = parts[0] === 'apis'
  if ((!grouped && parts[0] !== 'api') || parts.length < (grouped ? 4 : 3)) return nonResource(method, path, query)

  let at = grouped ? 3 : 2
  let verb = verbs[method] ?? ''
  let viaPrefix = false
  // The old way to watch: /api/v1/watch/namespaces/default/pods
  if ((parts[at] === 'watch' || parts[at] === 'proxy') && parts.length > at + 1) {
    verb = parts[at]!
    viaPrefix = true
    at++
  }
  let namespace = ''
  if (parts[at] === 'namespaces' && parts.length > at + 1) {
    namespace = unescaped(parts[at + 1]!)
    if (parts.length > at + 2 && !namespaceSubresources.has(parts[at + 2]!)) at += 2
  }
  const resource = parts[at] ?? ''
  let name = parts.length > at + 1 ? unescaped(parts[at + 1]!) : ''
  const subresource = parts.length > at + 2 && !viaPrefix ? parts[at + 2]! : ''
  const rest = parts.length > at + 3 ? parts.slice(at + 3).join('/') + (path.endsWith('/') ? '/' : '') : ''

  if (name === '' && verb === 'get') {
    verb = query.size > 0 && isOn(query, 'watch') ? 'watch' : 'list'
    if (query.size > 0) name = nameIn(query.get('fieldSelector'))
  } else if (name === '' && verb === 'delete') verb = 'deletecollection'

  return {
    isResource: true, verb, path,
    group: grouped ? parts[1]! : '', version: grouped ? parts[2]! : parts[1]!,
    resource, subresource, namespace, name, rest, query,
  }
}

function nonResource(method: string, path: string, query: URLSearchParams): RequestInfo {
  return {
    isResource: false, verb: method.toLowerCase(), path, group: '', version: '', resource: '', subresource: '', namespace: '', name: '', rest: '', query,
  }
}

function split(path: string): string[] {
  let start = 0
  let end = path.length
  while (start < end && path.charCodeAt(start) === 47) start++
  while (end > start && path.charCodeAt(end - 1) === 47) end--
  return start === end ? [] : path.slice(start, end).split('/')
}

/** A list of one name is authorized as a read of that name. */
function nameIn(selector: string | null): string {
  if (!selector) return ''
  const found = /(?:^|,)\s*metadata\.name==?([^,=!]+)(?:,|$)/.exec(selector)
  const name = found?.[1] ?? ''
  return name === '.' || name === '..' || name.includes('/') || name.includes('%') ? '' : name
}
