import { customresourcedefinitions } from '#api/apiextensions/v1/custom-resource-definition'
import type { CustomResourceDefinition } from '#api/apiextensions/v1/types'
import { ApiError, isNotFound } from '#apimachinery/api-error'
import type { JsonObject } from '#apimachinery/apply/contract'
import { updateManagedFields } from '#apimachinery/apply/update'
import { messageOf } from '#base/error-message'
import type { Resource } from '#apimachinery/resource'
import type { Metrics } from '#component-base/metrics'
import { sameJson } from '#apimachinery/schema/validation/same-json'
import { objectOf } from '../cache/entry'
import type { ResourceCache } from '../cache/resource-cache'
import { Kinds, schemaOf as schemaOfKind, type Kind } from '../kinds'
import { writerOf } from '../registry/managers'
import type { Registry } from '../registry/registry'
import { readSelection } from '../registry/selection'
import type { MoreDocuments } from '../root/openapi'
import { builtInDocuments } from '../root/served-documents'
import { update } from '../registry/update'
import type { Webhooks } from '../webhook/webhook'
import { webhookConverter, type Converter } from './conversion'
import { conversionMetrics, type ConversionMetrics } from './conversion-metrics'
import { rfc3339, type WriteRequest } from '../registry/write'
import { customResources, schemaOf, type DefinitionState } from './custom-resource'
import { cleanupFinalizer, deleteInstances } from './cleanup'
import { customDocuments, type RemoteDocuments } from './openapi'
import type { Published } from './openapi-part'
import { isEstablished, namedStatus, takenNames, withCondition } from './naming'

interface Served {
  readonly definition: CustomResourceDefinition
  readonly state: DefinitionState
  readonly resources: readonly Resource[]
  readonly converter: Converter | undefined
}

const writer = { name: 'system:apiserver', groups: ['system:masters'] }

/**
 * The life of definitions: gives them their names, serves what is established, and empties what is deleted. Follows the stored
 * definitions, so that several servers over one store come to the same.
 */
export class Definitions implements AsyncDisposable {
  private readonly registry: Registry
  private readonly webhooks: Webhooks | undefined
  private readonly conversions: ConversionMetrics | undefined
  private readonly served = new Map<string, Served>()
  private readonly cleaning = new Map<string, AbortController>()
  private readonly pending = new Set<string>()
  private cache: ResourceCache | undefined
  private kind: Kind | undefined
  private watch: { close(): void } | undefined
  private working: Promise<void> | undefined
  private readonly stop = new AbortController()
  /** Counts changes of what is served, for documents that are made of it. */
  private generation = 0
  readonly documents: MoreDocuments

  constructor(registry: Registry, remotes?: RemoteDocuments, webhooks?: Webhooks, metrics?: Metrics) {
    this.registry = registry
    this.conversions = metrics && conversionMetrics(metrics, registry.clock)
    this.webhooks = webhooks
    this.documents = customDocuments(() => this.published(), () => this.generation, remotes, builtInDocuments(registry.kinds))
  }

  /** Everything that was established is served when this resolves. */
  async start(): Promise<void> {
    const { kinds, cache } = this.registry
    this.kind = kinds.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')
    if (!this.kind) return
    this.cache = await cache.of(customresourcedefinitions as unknown as Resource)
    const everything = readSelection(this.kind, '', '', '')
    for (const entry of this.cache.select(everything)) {
      const definition = objectOf(this.kind.resource, entry) as CustomResourceDefinition
      if (isEstablished(definition)) this.serve(definition)
      this.pending.add(entry.name)
    }
    this.follow()
    this.work()
  }

  private follow(): void {
    if (this.stop.signal.aborted) return
    const { kind, cache } = this
    this.watch = cache!.watch(readSelection(kind!, '', '', ''), { after: undefined, initial: false, initialBookmark: false, bookmarks: false }, this.registry.cache.through, {
      form: 'definitions',
      events: ({ events }) => {
        for (const { type, entry } of events) {
          this.pending.add(entry.name)
          if (type === 'DELETED') this.namesAreFree(objectOf(kind!.resource, entry) as CustomResourceDefinition)
        }
        this.work()
        return true
      },
      bookmark: () => {},
      end: () => {
        // The store's history was lost: the cache is read in anew, and everything may have changed.
        if (!this.stop.signal.aborted) this.start().catch((error: unknown) => this.registry.log.error('cannot read custom resource definitions', { error }))
      },
    })
  }

  /** Others of the group may have waited for its names. */
  private namesAreFree({ spec }: CustomResourceDefinition): void {
    for (const definition of this.all()) {
      if (definition.spec.group === spec.group) this.pending.add(definition.metadata.name)
    }
  }

  private *published(): Iterable<Published> {
    for (const { definition, resources } of this.served.values()) {
      for (const resource of resources) yield { resource, schema: schemaOf(definition.spec.versions.find(({ name }) => name === resource.version)!) }
    }
  }

  private *all(): Iterable<CustomResourceDefinition> {
    for (const entry of this.cache!.select(readSelection(this.kind!, '', '', ''))) yield objectOf(this.kind!.resource, entry) as CustomResourceDefinition
  }

  private work(): void {
    this.working ??= this.drain().finally(() => {
      this.working = undefined
      if (this.pending.size > 0) this.work()
    })
  }

  private async drain(): Promise<void> {
    for (const name of this.pending) {
      this.pending.delete(name)
      if (this.stop.signal.aborted) return
      try {
        await this.reconcile(name)
      } catch (error) {
        if (isNotFound(error) || this.stop.signal.aborted) continue
        this.registry.log.error('cannot serve a custom resource definition, will try again', { definition: name, error })
        this.registry.clock.after(1000, () => {
          this.pending.add(name)
          this.work()
        })
      }
    }
  }

  private async reconcile(name: string): Promise<void> {
    const entry = this.cache!.get('', name)
    if (!entry) {
      this.unserve(name)
      return
    }
    const definition = objectOf(this.kind!.resource, entry) as CustomResourceDefinition
    if (definition.metadata.deletionTimestamp) {
      this.terminate(definition)
      return
    }
    // Served before anybody can read that it is.
    const named = namedStatus(definition, takenNames(definition, this.all()), this.now())
    if (isEstablished({ ...definition, status: named })) this.serve({ ...definition, status: named })
    if (!sameJson(named, definition.status)) {
      await this.change(name, (live) => ({ ...live, status: namedStatus(live, takenNames(live, this.all()), this.now()) }))
    }
  }

  private serve(definition: CustomResourceDefinition): void {
    const { name } = definition.metadata
    const before = this.served.get(name)
    const same = before && before.definition.metadata.uid === definition.metadata.uid
      && sameJson(before.definition.spec, definition.spec) && sameJson(before.definition.status.acceptedNames, definition.status.acceptedNames)
    if (same) return
    const { kinds, cache } = this.registry
    for (const resource of before?.resources ?? []) kinds.remove(resource)
    const state: DefinitionState = { terminating: definition.metadata.deletionTimestamp !== undefined }
    const converter = definition.spec.conversion?.strategy === 'Webhook' ? webhookConverter(definition, this.webhooks, this.conversions) : undefined
    const resources = customResources(definition, state, converter)
    for (const resource of resources) kinds.add(resource, resource.apiVersion)
    this.served.set(name, { definition, state, resources, converter })
    this.generation++
    // Watchers list again, by the new schema.
    for (const resource of before?.resources ?? []) cache.forget(resource)
    void before?.converter?.[Symbol.asyncDispose]()
  }

  private unserve(name: string): void {
    this.cleaning.get(name)?.abort()
    this.cleaning.delete(name)
    const before = this.served.get(name)
    if (!before) return
    this.served.delete(name)
    this.generation++
    for (const resource of before.resources) {
      this.registry.kinds.remove(resource)
      this.registry.cache.forget(resource)
    }
    void before.converter?.[Symbol.asyncDispose]()
  }

  private terminate(definition: CustomResourceDefinition): void {
    const { name } = definition.metadata
    const served = this.served.get(name)
    if (served && !served.state.terminating) {
      served.state.terminating = true
      this.registry.kinds.generation++
      this.generation++
    }
    if (!definition.metadata.finalizers?.includes(cleanupFinalizer) || this.cleaning.has(name)) return
    const stop = new AbortController()
    this.cleaning.set(name, stop)
    this.clean(name, AbortSignal.any([stop.signal, this.stop.signal])).catch((error: unknown) => {
      this.cleaning.delete(name)
      if (stop.signal.aborted || this.stop.signal.aborted || isNotFound(error)) return
      this.registry.log.error('cannot delete the objects of a custom resource definition, will try again', { definition: name, error })
      this.registry.clock.after(1000, () => {
        this.pending.add(name)
        this.work()
      })
    })
  }

  private async clean(name: string, signal: AbortSignal): Promise<void> {
    const terminating = (status: string, reason: string, message: string) => (live: CustomResourceDefinition): CustomResourceDefinition =>
      ({ ...live, status: { ...live.status, conditions: withCondition(live.status.conditions ?? [], { type: 'Terminating', status, reason, message }, this.now()) } })
    const resource = this.served.get(name)
    if (resource) {
      await this.change(name, terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress'))
      await this.deleteAll(resource, signal).catch(async (error: unknown) => {
        if (!signal.aborted) await this.change(name, terminating('True', 'InstanceDeletionFailed', `could not list instances: ${messageOf(error)}`))
        throw error
      })
    }
    const done = terminating('False', 'InstanceDeletionCompleted', 'removed all instances')
    await this.change(name, resource ? done : terminating('False', 'NeverEstablished', 'resource was never established'))
    await this.change(name, (live) => ({ ...live, metadata: { ...live.metadata, finalizers: (live.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer) } }), '')
    this.cleaning.delete(name)
  }

  private async deleteAll({ definition, state, converter, resources }: Served, signal: AbortSignal): Promise<void> {
    const storage = resources.find(({ customResource }) => customResource!.isStorageVersion)
    if (storage) {
      try {
        return await deleteInstances(this.registry, this.registry.kinds.find(storage.group, storage.version, storage.resource)!, this.request(definition.metadata.name, ''), signal)
      } catch (error) {
        if (!converter || signal.aborted || !(error instanceof ApiError)) throw error
        this.registry.log.warn('what a definition leaves behind cannot be converted any more, and is deleted as it is', { definition: definition.metadata.name, error })
      }
    }
    // Whatever version they rest in, served or not: nobody shall need a webhook that went before its definition.
    const versions = definition.spec.versions.map((version) => ({ ...version, served: version.storage }))
    const [plain] = customResources({ ...definition, spec: { ...definition.spec, versions } }, state)
    const kinds = new Kinds()
    kinds.add(plain!, plain!.apiVersion)
    try {
      await deleteInstances(this.registry, kinds.find(plain!.group, plain!.version, plain!.resource)!, this.request(definition.metadata.name, ''), signal)
    } finally {
      this.registry.cache.forget(plain!)
    }
  }

  private now(): string {
    return rfc3339(this.registry.clock.now())
  }

  private request(name: string, subresource: string): WriteRequest {
    return {
      kind: this.kind!, namespace: '', name, subresource, user: writer, manager: 'kube-apiserver', dryRun: false, fieldValidation: 'Ignore', now: this.now(), enabled: this.registry.gates.enabled, apiVersion: this.kind!.apiVersion,
      options: { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1' }, warn: () => {}, annotate: () => {},
    }
  }

  /** Writes what `changed` makes of the live definition. */
  private async change(name: string, changed: (live: CustomResourceDefinition) => CustomResourceDefinition, subresource = 'status'): Promise<void> {
    const request = this.request(name, subresource)
    const schema = await schemaOfKind(this.kind!)
    await update(this.registry, request, (live) => {
      const made = changed(live!.object as CustomResourceDefinition)
      const object = { ...made, metadata: { ...made.metadata } }
      return { object, revision: String(live!.revision), managedFields: updateManagedFields(live!.object as unknown as JsonObject, live!.managedFields, object, writerOf(request, schema)) }
    }, { mayCreate: false })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort()
    this.watch?.close()
    await this.working
  }
}
