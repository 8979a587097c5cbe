import type { Exchange, Result } from '../exchange'
import type { Kind } from '../kinds'
import { get } from '../registry/get'
import { list } from '../registry/list'
import { readListOptions } from '../registry/list-options'
import { restOf, type Registry } from '../registry/registry'
import { readSelection } from '../registry/selection'
import { watch } from '../registry/watch'

export async function serveGet(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const { info } = exchange
  const own = restOf(registry, kind)?.get
  if (own) return own(exchange, kind)
  const entry = await get(registry, kind, info.namespace, info.name, info.query.size === 0 ? '' : (info.query.get('resourceVersion') ?? ''))
  return { sort: 'entry', code: 200, kind, entry }
}

export async function serveList(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const { info } = exchange
  const own = restOf(registry, kind)?.list
  if (own) return own(exchange, kind)
  const options = readListOptions(info.query, info.verb === 'watch')
  const filter = readSelection(kind, info.namespace, options.labelSelector, options.fieldSelector)
  return options.watch ? watch(registry, kind, filter, options) : list(registry, kind, filter, options)
}

/** The old way: `/api/v1/watch/...`, of one name or a whole collection. */
export async function serveOldWatch(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const { info } = exchange
  const options = readListOptions(info.query, true)
  const filter = readSelection(kind, info.namespace, options.labelSelector, options.fieldSelector, info.name)
  return watch(registry, kind, filter, options)
}
