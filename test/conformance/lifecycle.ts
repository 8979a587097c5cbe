import { expect } from 'vitest'
import type { Input } from '#apimachinery/object'
import { groupVersionOf, type Resource } from '#apimachinery/resource'
import { isAlreadyExists, isConflict, isNotFound, type KubeObject, type NamespacedName } from '#client/index'
import { refusal, type Served } from './cluster'
import { expectDiscovered } from './discovered'
import { follow } from './follow'

/** What a kind's objects say, as far as a life of theirs needs it. */
export interface Life<T extends KubeObject> {
  readonly resource: Resource<T>
  /** All but the metadata, by the object's name. */
  readonly body: (name: string) => Input<Omit<T, 'apiVersion' | 'kind' | 'metadata'>>
  /** A merge patch of what may change beside metadata. */
  readonly change?: object
  /** A merge patch of the status, for kinds that have one. */
  readonly status?: object
  /** Labels and annotations cannot be written beside the status. */
  readonly statusAlone?: boolean
  /** Three names, for kinds that do not take any. */
  readonly names?: readonly [string, string, string]
  /** Said of every object beside name and labels. */
  readonly metadata?: Input<KubeObject['metadata']>
  /** Under another group or version of the kind than the one that is stored. */
  readonly version?: { readonly group: string; readonly version: string }
}

let lives = 0

/**
 * The life that most kinds share: discovered, made, refused when made twice, found by name, by selector, across namespaces and as a
 * table, patched in every way, replaced unless out of date, its status written beside it, applied, deleted alone and as a collection;
 * and a watch that began before it all is told of every step.
 */
export async function live<T extends KubeObject>(served: Served, life: Life<T>): Promise<void> {
  const { client, cluster, ask } = served
  const resource: Resource<T> = { ...life.resource, ...life.version }
  const namespace = resource.namespaced ? await served.namespace() : undefined
  const number = ++lives
  const [one, two, three] = life.names ?? [`one-${number}`, `two-${number}`, `three-${number}`]
  const labelSelector = `life=${number}`
  const at = (name: string) => ({ name, ...(namespace ? { namespace } : {}) })
  const make = (name: string) => ({ metadata: { ...life.metadata, ...at(name), labels: { ...life.metadata?.labels, life: `${number}` } }, ...life.body(name) }) as unknown as Input<T>
  const collection = `${resource.group ? `/apis/${resource.group}` : '/api'}/${resource.version}${namespace ? `/namespaces/${namespace}` : ''}/${resource.resource}`

  await expectDiscovered(served, resource)

  const { metadata: { resourceVersion } } = await client.list(resource, { namespace })
  await using watch = follow(client, resource, { namespace, labelSelector, resourceVersion })
  const created = await client.create(resource, make(one))
  expect(created).toMatchObject({ apiVersion: groupVersionOf(resource), kind: resource.kind, metadata: { ...at(one), labels: { life: `${number}` } } })
  for (const given of ['uid', 'creationTimestamp', 'resourceVersion'] as const) expect(created.metadata[given], given).toBeTruthy()
  expect(isAlreadyExists(await refusal(client.create(resource, make(one))))).toBe(true)
  await client.create(resource, make(two))
  await client.create(resource, make(three), { dryRun: true })
  expect(isNotFound(await refusal(client.get(resource, at(three))))).toBe(true)
  await client.create(resource, make(three))
  for (const name of [one, two, three]) await watch.saw('ADDED', name)

  expect((await client.get(resource, at(one))).metadata.uid).toBe(created.metadata.uid)
  const names = async (scope: object): Promise<string[]> => (await client.list(resource, { labelSelector, ...scope })).items.map(({ metadata }) => metadata.name).sort()
  expect(await names({ namespace })).toEqual([one, two, three].sort())
  if (namespace) expect(await names({})).toEqual([one, two, three].sort())
  expect(await names({ namespace, fieldSelector: `metadata.name=${two}` })).toEqual([two])
  const table = await ask<{ kind: string; columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }>(collection, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1', query: { labelSelector } })
  expect(table.kind).toBe('Table')
  expect(table.rows).toHaveLength(3)
  for (const { cells } of table.rows) expect(cells).toHaveLength(table.columnDefinitions.length)

  const patched = await client.patch(resource, at(one), { metadata: { annotations: { patched: 'yes' } }, ...life.change }, { type: 'merge' })
  expect(patched).toMatchObject({ metadata: { annotations: { patched: 'yes' } }, ...life.change })
  expect(patched.metadata.uid).toBe(created.metadata.uid)
  await client.patch(resource, at(one), [{ op: 'add', path: '/metadata/annotations/json', value: 'yes' }], { type: 'json' })
  await client.patch(resource, at(one), { metadata: { annotations: { strategic: 'yes' } } }, { type: 'strategic' })
  const annotated = (name: string) => ({ metadata }: T): boolean => metadata.annotations?.[name] === 'yes'
  for (const name of ['patched', 'json', 'strategic']) await watch.saw('MODIFIED', one, annotated(name))

  await replace(served, resource, at(one), 'updated')
  await watch.saw('MODIFIED', one, annotated('updated'))
  expect(isConflict(await refusal(client.update(resource, annotate(created, 'late'))))).toBe(true)

  if (life.status) await liveStatus(served, resource, at(one), life)

  const applied = await client.apply(resource, { ...make(two), metadata: { ...make(two).metadata, annotations: { applied: 'yes' } } }, { fieldManager: 'twin', force: true })
  expect(applied.metadata.annotations).toMatchObject({ applied: 'yes' })
  expect(applied.metadata.managedFields?.some(({ manager, operation }) => manager === 'twin' && operation === 'Apply')).toBe(true)

  const wrong = await refusal(client.delete(resource, at(one), { preconditions: { uid: 'of-another' } }))
  expect(isConflict(wrong), wrong.message).toBe(true)
  await client.delete(resource, at(one), { gracePeriodSeconds: 0 })
  await watch.saw('DELETED', one)
  await cluster.untilGone(resource, at(one))
  expect(isNotFound(await refusal(client.get(resource, at(one))))).toBe(true)
  await client.deleteCollection(resource, { namespace, labelSelector, gracePeriodSeconds: 0 })
  for (const name of [two, three]) await watch.saw('DELETED', name)
  expect(await names({ namespace })).toEqual([])
}

const annotate = <T extends KubeObject>(object: T, name: string): Input<T> =>
  ({ ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [name]: 'yes' } } }) as unknown as Input<T>

/** Replaces the object as it was read, once more where somebody else wrote meanwhile: controllers see new objects too. */
async function replace<T extends KubeObject>({ client }: Served, resource: Resource<T>, name: NamespacedName, annotation: string, subresource?: string): Promise<T> {
  for (let tries = 0; ; tries++) {
    const now = await client.get(resource, name, { subresource })
    const written = await client.update(resource, annotate(now, annotation), { subresource }).catch((error: unknown) => {
      if (tries === 5 || !isConflict(error)) throw error
    })
    if (written) return written
  }
}

/** A status is read, patched and replaced through its own door, and not through the object's. */
export async function liveStatus<T extends KubeObject>(served: Served, resource: Resource<T>, name: NamespacedName, { status, statusAlone = false }: Pick<Life<T>, 'status' | 'statusAlone'>): Promise<void> {
  const { client } = served
  // Controllers may have a condition of their own beside ours.
  const seen = { status: Object.fromEntries(Object.entries(status!).map(([field, value]) => [field, Array.isArray(value) ? expect.arrayContaining(value.map((item) => expect.objectContaining(item))) : value])) }
  const annotations = (annotation: string): object => (statusAlone ? {} : { metadata: { annotations: { [annotation]: 'yes' } } })
  const patched = await client.patch(resource, name, { metadata: { annotations: { 'patched-status': 'yes' } }, status }, { type: 'merge', subresource: 'status' })
  expect(patched).toMatchObject({ ...annotations('patched-status'), ...seen })
  expect(await client.get(resource, name, { subresource: 'status' })).toMatchObject({ kind: resource.kind, ...seen })
  expect(await replace(served, resource, name, 'updated-status', 'status')).toMatchObject({ ...annotations('updated-status'), ...seen })
  // The object's own door leaves the status as it is.
  expect(await client.patch(resource, name, { status: null }, { type: 'merge' })).toMatchObject(seen)
}
