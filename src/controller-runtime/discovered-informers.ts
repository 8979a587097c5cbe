import { apiservices } from '#api/apiregistration/v1/api-service'
import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import { isForbidden } from '#apimachinery/api-error'
import type { KubeObject } from '#apimachinery/object'
import { orAborted } from '#base/abort'
import { createBackoff } from '#base/backoff'
import type { Clock } from '#base/clock'
import type { Client } from '#client/client'
import type { Informer, Informers } from '#client/informer'
import type { Log } from '#component-base/log'
import { discover } from './discovery'
import type { Discovered } from './discovery'

/** Informers over every kind that can be listed, watched and deleted, metadata only; follows kinds that come and go. */
export interface DiscoveredInformers extends Disposable {
  readonly resources: readonly Discovered[]
  informer(resource: Discovered): Informer<KubeObject> | undefined
  /** The kind of an owner reference, in whatever version it was written. */
  find(apiVersion: string, kind: string): Discovered | undefined
}

export interface DiscoveredInformersDeps { client: Client; informers: Informers; clock: Clock; log: Log; signal: AbortSignal }
type Handler = (resource: Discovered, object: KubeObject | undefined, old: KubeObject | undefined) => void

/** Events say nothing about anything that anybody waits for, and there are many. */
const ignored = new Set(['/events', 'events.k8s.io/events'])
/** A definition is served a moment after it is written. */
const settleMs = 200
const metadataOnly = { metadataOnly: true } as const

/** Resolves when all kinds that there are have been listed once. `newKinds` is called when there are more later. */
export async function discoverInformers(deps: DiscoveredInformersDeps, handler: Handler, newKinds: () => void = () => {}): Promise<DiscoveredInformers> {
  const { client, informers, clock, log, signal } = deps
  let resources: readonly Discovered[] = []
  const watched = new Map<string, { resource: Discovered; informer: Informer<KubeObject>; handler: Disposable }>()
  let timer: Disposable | undefined
  let initial = true

  const refresh = async (): Promise<void> => {
    const found = await discover(client, signal)
    const wanted = new Map(found.resources.filter(canBeKept).map((resource) => [idOf(resource), resource]))
    for (const [id, { resource, handler }] of watched) {
      // A group that does not answer may come back: what is known of it stays.
      if (wanted.has(id) || found.failed.some((failure) => failure.startsWith(`${resource.group}/`))) continue
      handler[Symbol.dispose]()
      watched.delete(id)
      informers.drop(resource, metadataOnly)
    }
    resources = found.resources
    let more = false
    for (const [id, resource] of wanted) {
      if (watched.has(id)) continue
      more = true
      const informer = informers.get(resource, metadataOnly)
      watched.set(id, { resource, informer, handler: informer.on((object, old) => handler(resource, object, old)) })
    }
    if (more && !initial) newKinds()
  }
  const soon = (): void => {
    timer ??= clock.after(settleMs, () => {
      timer = undefined
      refresh().catch((error: unknown) => {
        if (signal.aborted) return
        log.warn('could not discover what the server has, will try again', { error })
        timer = clock.after(10_000, () => {
          timer = undefined
          soon()
        })
      })
    })
  }

  // At a start the rights to ask may not be there yet.
  const backoff = createBackoff({ initial: 50, max: 5000 })
  for (;;) {
    try {
      await refresh()
      break
    } catch (error) {
      signal.throwIfAborted()
      const tell = isForbidden(error) ? log.debug : log.warn
      tell('could not discover what the server has yet, will try again', { error })
      await clock.sleep(backoff.next(), signal)
    }
  }
  await orAborted(Promise.all([...watched.values()].map(({ informer }) => informer.synced)), signal)
  const changes = [informers.get(customresourcedefinitions), informers.get(apiservices)].map((informer) => informer.on(() => {
    if (!initial) soon()
  }))
  initial = false

  return {
    get resources() {
      return resources
    },
    informer: (resource) => watched.get(idOf(resource))?.informer,
    find(apiVersion, kind) {
      const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
      return resources.find((resource) => resource.group === group && resource.kind === kind)
    },
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]()
      for (const change of changes) change[Symbol.dispose]()
      for (const { handler } of watched.values()) handler[Symbol.dispose]()
    },
  }
}

const idOf = ({ group, version, resource }: Discovered): string => `${group}/${version}/${resource}`

/** Whether it is among those. */
export function canBeKept({ group, resource, verbs }: Discovered): boolean {
  return ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb)) && !ignored.has(`${group}/${resource}`)
}
