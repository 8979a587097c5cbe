import type { ComponentStatus } from '#api/core/v1/types'
import { notFound } from '#apimachinery/api-error'
import type { HealthCheck } from '#component-base/health'
import { cacheEntry, type CacheEntry } from '../../cache/entry'
import { encodeStored } from '../../encoding/stored-form'
import { readListOptions } from '../../registry/list-options'
import type { Registry } from '../../registry/registry'
import { readSelection } from '../../registry/selection'
import type { Rest } from '../rest'

/** Nothing of it is stored: each read asks the components, `etcd-0` (the store) and whatever else runs with the server. */
export function componentStatusRest(registry: () => Registry, components: readonly HealthCheck[]): Rest<ComponentStatus> {
  const all: readonly HealthCheck[] = [{ name: 'etcd-0', check: async () => void (await registry().store.current()) }, ...components]

  async function ask({ name, check }: HealthCheck, signal: AbortSignal): Promise<CacheEntry> {
    let error: string | undefined
    try {
      await check(signal)
    } catch (reason) {
      error = reason instanceof Error ? reason.message : String(reason)
    }
    const condition = error === undefined ? { type: 'Healthy', status: 'True', message: 'ok' } : { type: 'Healthy', status: 'False', error }
    const status = { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions: [condition] } as unknown as ComponentStatus
    // No revision: it is of the moment.
    return cacheEntry('', name, 0, encodeStored(status, undefined))
  }

  return {
    group: '', resource: 'componentstatuses',
    async get({ info, signal }, kind) {
      const component = all.find(({ name }) => name === info.name)
      // The original calls it by its singular here.
      if (!component) throw notFound({ group: '', resource: 'componentstatus' }, info.name)
      return { sort: 'entry', code: 200, kind, entry: await ask(component, signal) }
    },
    async list({ info, signal }, kind) {
      const { labelSelector, fieldSelector } = readListOptions(info.query, false)
      const { matches = () => true } = readSelection(kind, '', labelSelector, fieldSelector)
      const entries = (await Promise.all(all.map((component) => ask(component, signal)))).filter((entry) => matches(entry))
      return { sort: 'list', kind, entries, revision: 0 }
    },
  }
}
