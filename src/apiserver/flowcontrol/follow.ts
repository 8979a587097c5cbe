import { flowschemas } from '#api/flowcontrol/v1/flow-schema'
import { prioritylevelconfigurations } from '#api/flowcontrol/v1/priority-level-configuration'
import type { FlowSchema, PriorityLevelConfiguration } from '#api/flowcontrol/v1/types'
import { semanticallyEqual } from '#api/semantic-equality'
import { isAlreadyExists, isConflict, isNotFound } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import type { Resource } from '#apimachinery/resource'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informer, Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import { flowSchemaObjects, priorityLevelObjects } from '../bootstrap/flow-control'
import { rfc3339 } from '../registry/write'
import { reviseIfNeeded, type WithSpec } from './auto-update'
import type { FlowControl } from './flow-control'

export interface FollowDeps {
  readonly informers: Informers
  /** Acts as the server. */
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
}

const consumer = 'api-priority-and-fairness-config-consumer-v1'
const producer = 'api-priority-and-fairness-config-producer-v1'
/** Who writes the status of one schema more often than this fights with somebody. */
const mostStatusWrites = 5
const mandatory = ['exempt', 'catch-all']

/**
 * Keeps flow control as the cluster's objects say: they are in force as soon as they are seen, schemas are told whether their priority level is
 * there, and what Navarch brings along is put back where somebody deletes or changes what is not theirs to change. Resolves once the objects
 * are in force.
 */
export async function followConfiguration(flowControl: FlowControl, { informers, client, clock, log }: FollowDeps): Promise<Disposable> {
  const schemas = informers.get(flowschemas)
  const levels = informers.get(prioritylevelconfigurations)
  const statusWrites = new Map<string, number[]>()
  let pending = false
  let retry: Disposable | undefined
  let closed = false

  const changed = (): void => {
    if (pending || closed || !schemas.hasSynced || !levels.hasSynced) return
    pending = true
    // Changes that come together are one.
    queueMicrotask(() => {
      pending = false
      if (closed) return
      flowControl.configure(schemas.list(), levels.list())
      void tend().catch((error: unknown) => {
        if (closed) return
        log.warn('flow control could not be tended to', { error })
        again(1000)
      })
    })
  }
  const again = (ms: number): void => {
    if (!closed) retry ??= clock.after(ms, () => {
      retry = undefined
      changed()
    })
  }

  async function tend(): Promise<void> {
    await ensure(prioritylevelconfigurations, levels, priorityLevelObjects)
    await ensure(flowschemas, schemas, flowSchemaObjects)
    for (const schema of schemas.list()) await tellDangling(schema)
  }

  async function ensure<T extends WithSpec>(resource: Resource<T>, informer: Informer<T>, wanted: readonly object[]): Promise<void> {
    const options = { fieldManager: producer }
    for (const object of wanted as readonly T[]) {
      const { name } = object.metadata
      const current = informer.get(name)
      if (!current) {
        await client.create(resource, { ...structuredClone(object), apiVersion: resource.apiVersion, kind: resource.kind } as never, options).catch(unless(isAlreadyExists))
        continue
      }
      const revised = reviseIfNeeded(current, object, mandatory.includes(name), (a, b) => semanticallyEqual(withDefaults(a), withDefaults(b)))
      if (revised) await client.update(resource, revised as never, options).catch(unless(isConflict, isNotFound))
    }
    const names = new Set((wanted as readonly KubeObject[]).map(({ metadata }) => metadata.name))
    for (const { metadata: { name, annotations } } of informer.list()) {
      // Brought along by another version, and not wanted any more.
      if (!names.has(name) && annotations?.['apf.kubernetes.io/autoupdate-spec'] === 'true') await client.delete(resource, { name }).catch(unless(isNotFound))
    }
  }

  async function tellDangling(schema: FlowSchema): Promise<void> {
    const { name } = schema.metadata
    const level = schema.spec.priorityLevelConfiguration.name
    const there = (flowControl.configuration.levels.get(level)?.quiescing ?? true) === false
    const wanted = there
      ? { status: 'False', reason: 'Found', message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} and it exists` }
      : { status: 'True', reason: 'NotFound', message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} but there is no such object` }
    const now = schema.status?.conditions?.find(({ type }) => type === 'Dangling')
    if (now && now.status === wanted.status && now.reason === wanted.reason && now.message === wanted.message) return
    const lately = (statusWrites.get(name) ?? []).filter((time) => time > clock.monotonic() - 60_000)
    if (lately.length > mostStatusWrites) return again(30_000 + Math.random() * 45_000)
    statusWrites.set(name, [...lately, clock.monotonic()])
    const condition = { type: 'Dangling', ...wanted, lastTransitionTime: rfc3339(clock.now()) }
    await client
      .apply(flowschemas, { apiVersion: flowschemas.apiVersion, kind: 'FlowSchema', metadata: { name }, status: { conditions: [condition] } } as never, { fieldManager: consumer, force: true, subresource: 'status' })
      .catch(unless(isNotFound))
  }

  const subscriptions = [schemas.on(changed), levels.on(changed)]
  await Promise.all([schemas.synced, levels.synced])
  flowControl.configure(schemas.list(), levels.list())
  changed()
  return {
    [Symbol.dispose]() {
      closed = true
      retry?.[Symbol.dispose]()
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
    },
  }
}

const unless = (...harmless: ((error: unknown) => boolean)[]) => (error: unknown): void => {
  if (!harmless.some((is) => is(error))) throw error
}

/** What defaulting adds to what is written here by hand. */
function withDefaults(spec: unknown): unknown {
  const { limited, exempt } = spec as PriorityLevelConfiguration['spec']
  if (limited) return { ...(spec as object), limited: { lendablePercent: 0, ...limited } }
  if (exempt) return { ...(spec as object), exempt: { nominalConcurrencyShares: 0, lendablePercent: 0, ...exempt } }
  return spec
}
