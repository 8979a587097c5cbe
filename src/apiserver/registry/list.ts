import { ApiError, expired } from '#apimachinery/api-error'
import { Compacted, FutureRevision, type Revision } from '#storage/store'
import type { CacheEntry } from '../cache/entry'
import type { Filter } from '../cache/filter'
import { prefixOf } from '../cache/store-cache'
import type { ListResult } from '../exchange'
import type { Kind } from '../kinds'
import { decodeContinue, encodeContinue, type ContinueToken } from './continue-token'
import type { ListOptions } from './list-options'
import { cacheOf, type Registry } from './registry'
import { parseRevision, untilAtLeast, untilNewest } from './revisions'

const pageBytes = 4 << 20

/** LIST: from the cache wherever it knows the revision that was asked for, otherwise from the store's history. */
export async function list(registry: Registry, kind: Kind, filter: Filter, options: ListOptions): Promise<ListResult> {
  const { limit, resourceVersion, resourceVersionMatch } = options
  if (options.continue !== '') return nextPage(registry, kind, filter, options, decodeContinue(options.continue))
  const asked = parseRevision(resourceVersion)
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0 && asked > 0)
  if (exact) return atRevision(registry, kind, filter, { revision: asked, after: '' }, limit, false)
  if (resourceVersion === '') await untilNewest(registry)
  else if (asked > 0) await untilAtLeast(registry, asked)
  const cache = await cacheOf(registry, kind)
  const revision = registry.cache.through
  // A page that is not from the present has no meaning to a cache: limits are ignored there, as in the original.
  return page(kind, cache.select(filter), '', resourceVersion === '0' && resourceVersionMatch !== 'NotOlderThan' ? 0 : limit, revision, filter)
}

/** A page of entries that are all here. */
function page(kind: Kind, entries: CacheEntry[], after: string, limit: number, revision: number, filter: Filter): ListResult {
  let from = 0
  if (after !== '') {
    from = entries.findIndex((entry) => placeOf(entry) > after)
    if (from < 0) from = entries.length
  }
  if (limit <= 0 || entries.length - from <= limit) return { sort: 'list', kind, entries: from === 0 ? entries : entries.slice(from), revision }
  const shown = entries.slice(from, from + limit)
  const left = entries.length - from - limit
  return {
    sort: 'list', kind, entries: shown, revision, continue: encodeContinue({ revision, after: tokenPlace(shown.at(-1)!, filter) }),
    // With selectors the original does not know how many of the rest would match.
    ...(filter.matches ? {} : { remaining: left }),
  }
}

async function nextPage(registry: Registry, kind: Kind, filter: Filter, { limit, resourceVersion }: ListOptions, token: ContinueToken): Promise<ListResult> {
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw new ApiError(400, 'BadRequest', 'specifying resource version is not allowed when using continue')
  }
  const newest = await untilNewest(registry)
  const cache = await cacheOf(registry, kind)
  const after = placeOfToken(token.after, filter)
  if (token.revision === -1) return page(kind, cache.select(filter), after, limit, newest, filter)
  await assertKept(registry, kind, token)
  // Nothing of this resource has changed since: the cache is what it was.
  if (cache.newest <= token.revision) return page(kind, cache.select(filter), after, limit, token.revision, filter)
  return atRevision(registry, kind, filter, token, limit, true)
}

/** A token ends with its revision, whatever the cache still knows: clients are to see that it took them too long. */
async function assertKept({ store }: Registry, { resource }: Kind, token: ContinueToken): Promise<void> {
  try {
    await store.get(prefixOf(resource), { at: token.revision as Revision })
  } catch (error) {
    if (error instanceof Compacted) throw tooOldToContinue(token)
    if (!(error instanceof FutureRevision)) throw error
  }
}

async function atRevision(registry: Registry, kind: Kind, filter: Filter, token: ContinueToken, limit: number, continuing: boolean): Promise<ListResult> {
  await untilAtLeast(registry, token.revision)
  const cache = await cacheOf(registry, kind)
  if (cache.newest <= token.revision) return page(kind, cache.select(filter), placeOfToken(token.after, filter), limit, token.revision, filter)
  try {
    return await readAt(registry, kind, filter, token, limit)
  } catch (error) {
    if (error instanceof FutureRevision) {
      throw new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${token.revision}, current: ${error.newest}`, {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1,
      })
    }
    if (!(error instanceof Compacted)) throw error
    throw continuing ? tooOldToContinue(token) : expired('The resourceVersion for the provided list is too old.')
  }
}

async function readAt(registry: Registry, kind: Kind, filter: Filter, token: ContinueToken, limit: number): Promise<ListResult> {
  const { resource } = kind
  const root = prefixOf(resource)
  const prefix = filter.namespace !== '' && resource.namespaced ? `${root}${filter.namespace}/` : root
  const entries: CacheEntry[] = []
  let after: string | undefined = token.after === '' ? undefined : prefix + token.after
  let remaining: number | undefined
  for (;;) {
    const wanted: number = limit > 0 ? Math.max(limit - entries.length, 1) : 1000
    const read = await registry.store.list(prefix, { at: token.revision as Revision, limit: wanted, maxBytes: pageBytes, ...(after === undefined ? {} : { after }) })
    for (const { key, value, revision } of read.entries) {
      const slash = resource.namespaced ? key.indexOf('/', root.length) : -1
      const made = registry.cache.entryAt(resource, slash < 0 ? '' : key.slice(root.length, slash), key.slice(slash < 0 ? root.length : slash + 1), revision, value)
      const entry = made instanceof Promise ? await made : made
      if (!filter.matches || filter.matches(entry)) entries.push(entry)
    }
    after = read.entries.at(-1)?.key
    remaining = read.remaining
    if (!read.more || after === undefined) return { sort: 'list', kind, entries, revision: token.revision }
    if (limit > 0 && entries.length >= limit) break
  }
  return {
    sort: 'list', kind, entries, revision: token.revision, continue: encodeContinue({ revision: token.revision, after: after.slice(prefix.length) }),
    ...(filter.matches || remaining === undefined ? {} : { remaining }),
  }
}

const placeOf = (entry: CacheEntry): string => (entry.namespace === '' ? entry.name : `${entry.namespace}/${entry.name}`)
/** Tokens name places below the prefix that was listed, so a namespace is not said twice. */
const tokenPlace = (entry: CacheEntry, filter: Filter): string => (filter.namespace === '' ? placeOf(entry) : entry.name)
const placeOfToken = (after: string, filter: Filter): string => (filter.namespace === '' || after === '' ? after : `${filter.namespace}/${after}`)

function tooOldToContinue({ after }: ContinueToken): ApiError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  )
  error.status.metadata = { ...error.status.metadata, continue: encodeContinue({ revision: -1, after }) }
  return error
}
