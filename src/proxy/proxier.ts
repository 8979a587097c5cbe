import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { services } from '#api/core/v1/service'
import type { Service } from '#api/core/v1/types'
import { endpointslices } from '#api/discovery/v1/endpoint-slice'
import type { Informers } from '#client/informer'
import type { Nft } from './nft'
import { type Ruleset, rulesetOf } from './ruleset'
import { type Family, type ServicePort, servicePortsOf } from './service-ports'
import { changes, wholeTable } from './transaction'

export interface ProxierOptions {
  nodeName: string
  /** The nft table; each cluster on a host has its own. */
  table: string
  clusterCIDR: string | undefined
  families: readonly Family[]
  nodePortAddresses?: readonly string[]
}

export interface ProxierDeps {
  informers: Informers
  nft: Nft
  clock: Clock
  log: Log
  /** Told after each change: health check ports and metrics follow. */
  onSynced?: (ports: readonly ServicePort[]) => void
}

/** The first wait after the kernel refused; doubles up to a minute. */
const firstRetry = 1000

/**
 * Keeps the kernel's rules equal to Services and EndpointSlices. What changes while a transaction is under way goes into
 * the next one; after a refusal the whole table is made anew, later and later.
 */
export class Proxier implements AsyncDisposable {
  private readonly options: ProxierOptions
  private readonly deps: ProxierDeps
  private readonly subscriptions: Disposable[] = []
  private readonly stopped = new AbortController()
  /** What the kernel has; undefined: unknown. */
  private readonly applied = new Map<Family, Ruleset>()
  /** By Service key; only what changed is worked out again. */
  private readonly ports = new Map<Family, Map<string, readonly ServicePort[]>>()
  private readonly dirty = new Set<string>()
  private syncing: Promise<void> | undefined

  constructor(options: ProxierOptions, deps: ProxierDeps) {
    this.options = options
    this.deps = deps
    for (const family of options.families) this.ports.set(family, new Map())
  }

  /** Resolves when the rules stand for the first time. */
  async start(): Promise<void> {
    const all = this.deps.informers.get(services)
    const slices = this.deps.informers.get(endpointslices)
    slices.index('service', ({ metadata }) => {
      const name = metadata.labels?.['kubernetes.io/service-name']
      return name ? [`${metadata.namespace}/${name}`] : []
    })
    await Promise.all([all.synced, slices.synced])
    this.subscriptions.push(
      all.on((service, old) => this.mark(`${(service ?? old)!.metadata.namespace}/${(service ?? old)!.metadata.name}`)),
      slices.on((slice, old) => {
        for (const { metadata } of [slice, old].filter((one) => one !== undefined)) {
          const name = metadata.labels?.['kubernetes.io/service-name']
          if (name) this.mark(`${metadata.namespace}/${name}`)
        }
      }),
    )
    this.wake()
    await this.syncing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped.abort(new Error('the proxy is stopping'))
    for (const subscription of this.subscriptions) subscription[Symbol.dispose]()
    await this.syncing
  }

  private mark(service: string): void {
    this.dirty.add(service)
    this.wake()
  }

  private wake(): void {
    if (this.syncing || this.stopped.signal.aborted) return
    // A burst of events (a rollout, the first list) becomes one transaction.
    this.syncing = new Promise((resolve) => setImmediate(resolve)).then(() => this.sync()).finally(() => {
      this.syncing = undefined
      if (this.dirty.size > 0) this.wake()
    })
  }

  private async sync(): Promise<void> {
    for (let wait = firstRetry; !this.stopped.signal.aborted; wait = Math.min(60_000, wait * 2)) {
      try {
        for (const key of this.dirty) this.update(key)
        this.dirty.clear()
        for (const family of this.options.families) await this.apply(family)
        this.deps.onSynced?.(this.options.families.flatMap((family) => [...this.ports.get(family)!.values()].flat()))
        return
      } catch (error) {
        if (this.stopped.signal.aborted) return
        this.applied.clear()
        this.deps.log.error('service rules were not applied; the whole table will be made anew', { error, retryMs: wait })
        await this.deps.clock.sleep(wait, this.stopped.signal).catch(() => undefined)
      }
    }
  }

  private update(key: string): void {
    const service: Service | undefined = this.deps.informers.get(services).get(key)
    const slices = this.deps.informers.get(endpointslices).by('service', key)
    for (const family of this.options.families) {
      const ports = service && !isForeign(service) ? servicePortsOf(service, slices, family, this.options.nodeName) : []
      if (ports.length > 0) this.ports.get(family)!.set(key, ports)
      else this.ports.get(family)!.delete(key)
    }
  }

  private async apply(family: Family): Promise<void> {
    const { clusterCIDR, nodePortAddresses, table } = this.options
    const ofFamily = (address: string): boolean => address.includes(':') === (family === 'IPv6')
    const next = rulesetOf([...this.ports.get(family)!.values()].flat(), {
      family,
      clusterCIDR: clusterCIDR?.split(',').find(ofFamily),
      ...(nodePortAddresses ? { nodePortAddresses: nodePortAddresses.filter(ofFamily) } : {}),
    })
    const before = this.applied.get(family)
    const commands = before ? changes(table, before, next) : wholeTable(table, next)
    if (commands !== '') await this.deps.nft(commands, this.stopped.signal)
    this.applied.set(family, next)
  }
}

/** Another proxy was asked for by label. */
const isForeign = ({ metadata }: Service): boolean => metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined
