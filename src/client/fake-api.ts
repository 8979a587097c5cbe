import { alreadyExists, ApiError, badRequest, conflict, expired, methodNotAllowed, notFound } from '#apimachinery/api-error'
import type { KubeObject, Unstructured } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { formatTime } from '#apimachinery/time'
import type { Clock } from '#base/clock'
import { clone, deepFreeze, sameData } from '#base/clone'
import { createFakeClock } from '#base/fake-clock'
import { mergePatch, jsonPatch, strategicPatch } from './fake-patch'
import { fakeSelector, parsePath } from './fake-request'
import type { Target } from './fake-request'
import { objectPath } from './paths'
import type { Answer, Call, Transport, WatchEvent } from './transport'

/**
 * A small API over plain objects for unit tests: resourceVersions, uids, generateName, generations, optimistic locks,
 * finalizers, patches, lists and watches with streamed lists and bookmarks. No admission, no defaults, no validation.
 */
export interface FakeApi extends Transport {
  /** Every request but watches, in order. */
  readonly calls: readonly Call[]
  /** Called before a request is served: throw to refuse it, return an Answer to answer it. */
  intercept(interceptor: (call: Call, target: Target) => Answer | void): Disposable
  /** Puts an object there as it is (uid, timestamps and status included) and tells the watchers. */
  seed<T extends KubeObject>(resource: ResourceRef<T>, ...objects: unknown[]): void
  /** What stands there now. */
  read<T extends KubeObject>(resource: ResourceRef<T>, key: string): T | undefined
  all<T extends KubeObject>(resource: ResourceRef<T>, namespace?: string): readonly T[]
  /** Takes an object away at once, finalizers or not. */
  vanish(resource: ResourceRef, key: string): void
  /** Ends every watch that is open, as a server that goes down does. */
  cutWatches(): void
  /** Forgets history: watches from older revisions get 410. */
  compact(): void
}

interface Watcher { target: Target; matches: (object: Unstructured) => boolean; deliver: (events: readonly WatchEvent[]) => void; end: (error?: Error) => void }
interface Change { revision: number; id: string; type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: Unstructured; before?: Unstructured }

export interface FakeApiOptions {
  clock?: Clock
  streamedLists?: boolean
  /** What discovery tells. */
  kinds?: readonly ResourceRef[]
}

export function createFakeApi({ clock = createFakeClock(), streamedLists = true, kinds: discovered = [] }: FakeApiOptions = {}): FakeApi {
  let revision = 100
  let oldest = revision
  let serial = 0
  const kinds = new Map<string, Map<string, Unstructured>>()
  const watchers = new Set<Watcher>()
  const interceptors = new Set<(call: Call, target: Target) => Answer | void>()
  let history: Change[] = []
  const calls: Call[] = []

  const objectsOf = (id: string): Map<string, Unstructured> => kinds.get(id) ?? kinds.set(id, new Map()).get(id)!
  const now = (): string => formatTime(clock.now())

  const commit = (id: string, key: string, object: Unstructured, type: Change['type']): Unstructured => {
    const before = objectsOf(id).get(key)
    object.metadata = { ...object.metadata, resourceVersion: String(++revision) }
    deepFreeze(object)
    if (type === 'DELETED') objectsOf(id).delete(key)
    else objectsOf(id).set(key, object)
    const change: Change = { revision, id, type, object, before }
    history.push(change)
    for (const watcher of watchers) {
      const event = seenBy(watcher, change)
      if (event) watcher.deliver([event])
    }
    return object
  }

  const seenBy = ({ target, matches }: Pick<Watcher, 'target' | 'matches'>, { id, type, object, before }: Change): WatchEvent | undefined => {
    if (id !== target.id || (target.namespace && object.metadata.namespace !== target.namespace)) return undefined
    const was = before !== undefined && matches(before)
    const is = type !== 'DELETED' && matches(object)
    return is ? { type: was ? 'MODIFIED' : 'ADDED', object } : was ? { type: 'DELETED', object } : undefined
  }

  const standing = (target: Target): Unstructured => {
    const found = objectsOf(target.id).get(target.key)
    if (!found) throw notFound(target.named, target.name!)
    return found
  }

  const create = (target: Target, body: unknown): Unstructured => {
    const object = clone(body) as Unstructured
    const metadata = (object.metadata ??= {} as Unstructured['metadata'])
    if (!metadata.name && metadata.generateName) metadata.name = `${metadata.generateName}${(++serial).toString(36).padStart(5, '0')}`
    if (!metadata.name) throw badRequest('metadata.name is needed')
    if (target.namespace) metadata.namespace = target.namespace
    const key = target.namespace ? `${target.namespace}/${metadata.name}` : metadata.name
    if (objectsOf(target.id).has(key)) throw alreadyExists(target.named, metadata.name)
    metadata.uid = `uid-${++serial}`
    metadata.creationTimestamp = now()
    if ('spec' in object) {
      metadata.generation = 1
      object['status'] ??= {}
    }
    delete metadata.deletionTimestamp
    return commit(target.id, key, object, 'ADDED')
  }

  const replace = (target: Target, changed: Unstructured): Unstructured => {
    const old = standing(target)
    const asked = changed.metadata?.resourceVersion
    if (asked && asked !== old.metadata.resourceVersion)
      throw conflict(target.named, target.name!, 'the object has been modified; please apply your changes to the latest version and try again')
    if (changed.metadata?.uid && changed.metadata.uid !== old.metadata.uid)
      throw conflict(target.named, target.name!, `Precondition failed: UID in precondition: ${changed.metadata.uid}, UID in object meta: ${old.metadata.uid}`)
    const next: Unstructured = target.subresource === 'status' ? { ...old, metadata: clone(changed.metadata), status: clone(changed['status']) } : clone(changed)
    if (target.subresource !== 'status' && old['status'] !== undefined && hasStatusEndpoint(target)) next['status'] = old['status']
    const { uid, creationTimestamp, generation, deletionTimestamp, resourceVersion } = old.metadata
    next.metadata = { ...next.metadata, uid, creationTimestamp, resourceVersion, ...(generation ? { generation } : {}), ...(deletionTimestamp ? { deletionTimestamp } : {}) }
    if (sameData(next, old)) return old
    if (generation && !sameData(next['spec'], old['spec'])) next.metadata.generation = generation + 1
    const done = deletionTimestamp && !next.metadata.finalizers?.length && !(next.metadata.deletionGracePeriodSeconds ?? 0)
    return commit(target.id, target.key, next, done ? 'DELETED' : 'MODIFIED')
  }

  const patch = (target: Target, call: Call): Unstructured => {
    if (call.contentType === 'application/apply-patch+yaml') {
      if (!objectsOf(target.id).has(target.key)) return create(target, call.body)
      return replace(target, mergePatch(standing(target), call.body) as Unstructured)
    }
    const old = standing(target)
    if (call.contentType === 'application/json-patch+json') return replace(target, jsonPatch(old, call.body as never) as Unstructured)
    const apply = call.contentType === 'application/strategic-merge-patch+json' ? strategicPatch : mergePatch
    return replace(target, apply(old, call.body) as Unstructured)
  }

  const remove = (target: Target, body: unknown): Unstructured => {
    const old = standing(target)
    const options = (body ?? {}) as { preconditions?: { uid?: string; resourceVersion?: string }; gracePeriodSeconds?: number; propagationPolicy?: string }
    const { preconditions, propagationPolicy } = options
    if (preconditions?.uid && preconditions.uid !== old.metadata.uid)
      throw conflict(target.named, target.name!, `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${old.metadata.uid}`)
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== old.metadata.resourceVersion)
      throw conflict(target.named, target.name!, 'the ResourceVersion in the precondition does not match')
    const finalizers = new Set(old.metadata.finalizers)
    if (propagationPolicy === 'Foreground') finalizers.add('foregroundDeletion')
    if (propagationPolicy === 'Orphan') finalizers.add('orphan')
    // A pod that a kubelet runs is only marked; the kubelet (the test) deletes it with grace 0.
    const graceful = target.id === '/pods' && (old['spec'] as { nodeName?: string } | undefined)?.nodeName && options.gracePeriodSeconds !== 0
    if (finalizers.size === 0 && !graceful) return commit(target.id, target.key, { ...old }, 'DELETED')
    if (old.metadata.deletionTimestamp) return old
    const metadata = {
      ...old.metadata, deletionTimestamp: now(), deletionGracePeriodSeconds: graceful ? (options.gracePeriodSeconds ?? 30) : 0,
      ...(finalizers.size > 0 ? { finalizers: [...finalizers] } : {}),
    } as Unstructured['metadata']
    return commit(target.id, target.key, { ...old, metadata }, 'MODIFIED')
  }

  const select = (target: Target, call: Call): Unstructured[] => {
    const matches = fakeSelector(call)
    return [...objectsOf(target.id).values()].filter((o) => (!target.namespace || o.metadata.namespace === target.namespace) && matches(o))
  }

  const serve = (target: Target, call: Call): Answer => {
    const answer = (body: unknown, code = 200): Answer => ({ code, body, warnings: [] })
    if (call.method === 'POST' && target.name === undefined) return answer(create(target, call.body), 201)
    if (call.method === 'GET' && target.name === undefined)
      return answer(deepFreeze({ apiVersion: target.apiVersion, kind: 'List', metadata: { resourceVersion: String(revision) }, items: select(target, call) }))
    if (call.method === 'GET') return answer(standing(target))
    if (call.method === 'PUT') {
      if (!objectsOf(target.id).has(target.key) && target.id === 'coordination.k8s.io/leases') return answer(create(target, call.body), 201)
      return answer(replace(target, call.body as Unstructured))
    }
    if (call.method === 'PATCH') return answer(patch(target, call))
    if (call.method === 'DELETE' && target.name === undefined) {
      for (const object of select(target, call)) remove({ ...target, name: object.metadata.name, key: keyOf(object) }, call.body)
      return answer({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })
    }
    if (call.method === 'DELETE') return answer(remove(target, call.body))
    throw methodNotAllowed(target.named, call.method)
  }

  const api: FakeApi = {
    url: 'https://fake.invalid',
    calls,
    intercept(interceptor) {
      interceptors.add(interceptor)
      return { [Symbol.dispose]: () => void interceptors.delete(interceptor) }
    },
    async request(call) {
      await Promise.resolve()
      call.signal?.throwIfAborted()
      if (call.path === '/api' || call.path === '/apis') return { code: 200, body: discovery(discovered, call.path), warnings: [] }
      const target = parsePath(call.path)
      calls.push(call)
      for (const interceptor of interceptors) {
        const answer = interceptor(call, target)
        if (answer) return answer
      }
      return serve(target, call)
    },
    watch(call, deliver) {
      const target = parsePath(call.path)
      return new Promise<void>((resolve, reject) => {
        if (call.signal?.aborted) return resolve()
        const after = Number(call.query?.['resourceVersion'] ?? 0)
        if (call.query?.['sendInitialEvents'] && !streamedLists)
          return reject(new ApiError(422, 'Invalid', 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'))
        if (after > 0 && after < oldest) return reject(expired(`too old resource version: ${after} (${oldest})`))
        const watcher: Watcher = {
          target, deliver, matches: fakeSelector(call),
          end(error) {
            watchers.delete(watcher)
            if (error) reject(error)
            else resolve()
          },
        }
        watchers.add(watcher)
        call.signal?.addEventListener('abort', () => watcher.end(), { once: true })
        if (call.query?.['sendInitialEvents']) {
          const events: WatchEvent[] = select(target, call).map((object) => ({ type: 'ADDED', object }))
          const metadata = { resourceVersion: String(revision), annotations: { 'k8s.io/initial-events-end': 'true' } }
          events.push({ type: 'BOOKMARK', object: { apiVersion: target.apiVersion, kind: '', metadata } as unknown as KubeObject })
          deliver(events)
        } else if (after > 0) {
          const events = history.filter((c) => c.revision > after).map((c) => seenBy(watcher, c)).filter((e) => e !== undefined)
          if (events.length > 0) deliver(events)
        }
      })
    },
    async stream() {
      throw badRequest('the fake API streams nothing')
    },
    seed(resource, ...objects) {
      for (const given of objects) {
        const object = clone(given) as Unstructured
        object.apiVersion ??= resource.group ? `${resource.group}/${resource.version}` : resource.version
        object.kind ??= resource.kind
        object.metadata.uid ??= `uid-${++serial}`
        object.metadata.creationTimestamp ??= now()
        const target = parsePath(objectPath(resource, object.metadata))
        commit(target.id, target.key, object, objectsOf(target.id).has(target.key) ? 'MODIFIED' : 'ADDED')
      }
    },
    read: <T extends KubeObject>(resource: ResourceRef<T>, key: string) => objectsOf(`${resource.group}/${resource.resource}`).get(key) as T | undefined,
    all: <T extends KubeObject>(resource: ResourceRef<T>, namespace?: string) =>
      [...objectsOf(`${resource.group}/${resource.resource}`).values()].filter((o) => !namespace || o.metadata.namespace === namespace) as unknown as T[],
    vanish(resource, key) {
      const id = `${resource.group}/${resource.resource}`
      const object = objectsOf(id).get(key)
      if (object) commit(id, key, { ...object }, 'DELETED')
    },
    cutWatches() {
      // Each takes itself out of the set, which an iteration stands.
      for (const watcher of watchers) watcher.end()
    },
    compact() {
      oldest = ++revision
      history = []
    },
    async [Symbol.asyncDispose]() {
      api.cutWatches()
    },
  }
  return api
}

/** Aggregated discovery of apidiscovery.k8s.io/v2. */
function discovery(kinds: readonly ResourceRef[], path: string): unknown {
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
  const items = kinds.filter(({ group }) => (path === '/api') === (group === '')).map(({ group, version, resource, kind, namespaced }) => ({
    metadata: { name: group },
    versions: [{ version, freshness: 'Current', resources: [{ resource, responseKind: { kind }, scope: namespaced ? 'Namespaced' : 'Cluster', verbs }] }],
  }))
  return { kind: 'APIGroupDiscoveryList', items }
}

const keyOf = ({ metadata: { namespace, name } }: Unstructured): string => (namespace ? `${namespace}/${name}` : name)

/** Kinds whose main endpoint writes status as well, since they have no status endpoint. */
const withoutStatus = new Set(['/events', '/endpoints', 'coordination.k8s.io/leases', 'discovery.k8s.io/endpointslices'])
const hasStatusEndpoint = (target: Target): boolean => !withoutStatus.has(target.id)
