import { badRequest } from '#apimachinery/api-error'
import type { Named } from '#apimachinery/api-error'
import type { Unstructured } from '#apimachinery/object'
import type { Call } from './transport'

/** What a request of the fake API is about. */
export interface Target {
  /** `apps/deployments`, `/pods`. */
  id: string
  named: Named
  apiVersion: string
  namespace?: string
  name?: string
  /** `namespace/name` or `name`. */
  key: string
  subresource?: string
}

export function parsePath(path: string): Target {
  const parts = path.split('/').slice(1).map(decodeURIComponent)
  const group = parts[0] === 'apis' ? parts[1]! : ''
  const version = parts[0] === 'apis' ? parts[2]! : parts[1]!
  let rest = parts.slice(parts[0] === 'apis' ? 3 : 2)
  let namespace: string | undefined
  if (rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize') {
    namespace = rest[1]
    rest = rest.slice(2)
  }
  const [resource, name, subresource] = rest
  if (!resource) throw badRequest(`the fake API does not serve ${path}`)
  return {
    id: `${group}/${resource}`, named: { group, resource }, apiVersion: group ? `${group}/${version}` : version, namespace, name,
    key: namespace ? `${namespace}/${name}` : (name ?? ''), subresource,
  }
}

/** Labels: `a=b`, `a!=b`, `a`, `!a`; fields: `path=value`, `path!=value`. */
export function fakeSelector(call: Call): (object: Unstructured) => boolean {
  const labels = String(call.query?.['labelSelector'] ?? '').split(',').filter(Boolean)
  const fields = String(call.query?.['fieldSelector'] ?? '').split(',').filter(Boolean)
  if (labels.some((l) => l.includes('('))) throw badRequest('the fake API knows no set-based label selectors')
  return (object) =>
    labels.every((text) => holds(text, (key) => object.metadata.labels?.[key])) &&
    fields.every((text) => holds(text, (path) => `${(path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], object) ?? '') as string | number | boolean}`))
}

function holds(text: string, read: (key: string) => string | undefined): boolean {
  if (text.startsWith('!')) return read(text.slice(1)) === undefined
  const unequal = text.indexOf('!=')
  if (unequal > 0) return read(text.slice(0, unequal)) !== text.slice(unequal + 2)
  const equal = text.indexOf('=')
  if (equal < 0) return read(text) !== undefined
  return read(text.slice(0, equal)) === text.slice(text[equal + 1] === '=' ? equal + 2 : equal + 1)
}
