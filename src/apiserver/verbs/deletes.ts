import { ApiError, badRequest, invalid } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import type { DeleteOptions } from '#apimachinery/meta/v1/types'
import type { Exchange, Result } from '../exchange'
import type { Kind } from '../kinds'
import { objectOf } from '../cache/entry'
import { isOn } from '../request-path'
import { deleteObject } from '../registry/delete'
import { integer, readListOptions } from '../registry/list-options'
import { list } from '../registry/list'
import { readSelection } from '../registry/selection'
import type { Registry } from '../registry/registry'
import type { WriteRequest } from '../registry/write'
import { readObject } from './body'
import { writeRequest } from './write-request'

export async function serveDelete(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const { request, options } = await readDelete(registry, exchange, kind)
  const { entry, gone } = await deleteObject(registry, request, options)
  const code = !gone && options.orphanDependents === false ? 202 : 200
  if (!gone || kind.resource.answersWithDeleted) return { sort: 'entry', code, kind, entry }
  const { group, resource } = kind.resource
  const { uid } = objectOf(kind.resource, entry).metadata
  return {
    sort: 'object', code,
    object: {
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success',
      details: { name: request.name, ...(group ? { group } : {}), kind: resource, uid },
    },
  }
}

/** Deletes what a list finds, a few at a time; what others delete meanwhile is gone all the same. */
export async function serveDeleteCollection(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const { request, options } = await readDelete(registry, exchange, kind)
  const listOptions = readListOptions(exchange.info.query, false)
  const filter = readSelection(kind, exchange.info.namespace, listOptions.labelSelector, listOptions.fieldSelector)
  const found = await list(registry, kind, filter, listOptions)
  const left = found.entries.toReversed()
  const workers = Array.from({ length: Math.min(left.length, 16) }, async () => {
    for (let entry = left.pop(); entry; entry = left.pop()) {
      try {
        await deleteObject(registry, { ...request, namespace: entry.namespace, name: entry.name }, { ...options })
      } catch (error) {
        if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error
      }
    }
  })
  await Promise.all(workers)
  return found
}

async function readDelete(registry: Registry, exchange: Exchange, kind: Kind): Promise<{ request: WriteRequest; options: DeleteOptions }> {
  const options = await readOptions(exchange)
  validate(options)
  const request = writeRequest(exchange, kind, registry, 'delete')
  const { deleteWarning } = kind.resource
  if (deleteWarning !== undefined && options.propagationPolicy === undefined && options.orphanDependents === undefined) request.warn(deleteWarning)
  const dryRun = request.dryRun || (options.dryRun?.length ?? 0) > 0
  return { request: { ...request, dryRun, options: { ...options, kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1' } }, options }
}

async function readOptions(exchange: Exchange): Promise<DeleteOptions> {
  const body = await exchange.body()
  if (body.sort === 'object' ? body.object !== undefined : body.bytes.length > 0) {
    const { value } = await readObject(exchange, 'DeleteOptions')
    exchange.audit?.requestObject(value)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('decoded object cannot be converted to DeleteOptions')
    const { kind } = value as DeleteOptions
    if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') throw badRequest('decoded object cannot be converted to DeleteOptions')
    return withoutNulls(value as DeleteOptions)
  }
  const { query } = exchange.info
  if (query.size === 0) return {}
  const seconds = integer(query, 'gracePeriodSeconds')
  const policy = query.get('propagationPolicy')
  const dryRun = query.getAll('dryRun')
  return {
    ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
    ...(policy ? { propagationPolicy: policy } : {}),
    ...(query.has('orphanDependents') ? { orphanDependents: isOn(query, 'orphanDependents') } : {}),
    ...(dryRun.length > 0 ? { dryRun } : {}),
  }
}

function withoutNulls(options: DeleteOptions): DeleteOptions {
  const kept: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(options)) if (value !== null) kept[field] = value
  return kept as DeleteOptions
}

function validate({ orphanDependents, propagationPolicy, dryRun }: DeleteOptions): void {
  const errors = new FieldErrors()
  const policy = errors.at('propagationPolicy')
  if (orphanDependents !== undefined && propagationPolicy !== undefined) policy.invalid(propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set')
  if (propagationPolicy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(propagationPolicy)) {
    policy.notSupported(propagationPolicy, ['Foreground', 'Background', 'Orphan', 'nil'])
  }
  if (dryRun?.some((value) => value !== 'All')) errors.at('dryRun').notSupported(dryRun, ['All'])
  if (errors.any) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors.all)
}
