// What a write of a kind comes to, without a server: for the tables in the kinds' tests.
import { FieldErrors } from '#apimachinery/field-errors'
import type { KubeObject } from '#apimachinery/object'
import type { Resource, Strategy, WriteContext } from '#apimachinery/resource'
import { normalize } from '#apimachinery/schema/normalize'

export const context: WriteContext = { now: '2026-11-01T10:00:00Z', enabled: () => true, apiVersion: '', user: { name: 'jane', uid: 'u1', groups: ['system:authenticated'] } }

/** Any part of an object: tests say what they are about and nothing else. */
export type Body = { readonly [field: string]: unknown }

/** As decoded and defaulted from what a client sent. */
export async function decoded<T extends KubeObject>(resource: Resource<T>, body: Body): Promise<T> {
  const object = structuredClone({ apiVersion: resource.apiVersion, kind: resource.kind, metadata: { name: 'a', namespace: 'ns', uid: 'u', ...(body['metadata'] as object | undefined) }, ...omit(body) }) as unknown as T
  normalize(await resource.versions[resource.apiVersion]!.schema(), object, { defaults: true })
  resource.defaults?.(object)
  return object
}

const omit = ({ metadata: _metadata, ...rest }: Body): Body => rest

export async function created<T extends KubeObject>(resource: Resource<T>, body: Body): Promise<T> {
  const object = await decoded(resource, body)
  resource.prepareForCreate?.(object, context)
  return object
}

/** `field: message` of everything that is wrong with a new object. */
export async function refusals<T extends KubeObject>(resource: Resource<T>, body: Body, request: WriteContext = context): Promise<string[]> {
  const object = await created(resource, body)
  const errors = new FieldErrors()
  resource.validate?.(object, errors, request)
  resource.validateCreate?.(object, errors, request)
  return texts(errors)
}

/** The same of an update through the main endpoint or a subresource's strategy. */
export async function updateRefusals<T extends KubeObject>(resource: Resource<T>, before: Body, after: Body, through: Strategy<T> = resource, request: WriteContext = context): Promise<string[]> {
  const old = await created(resource, before)
  const object = await decoded(resource, after)
  through.prepareForUpdate?.(object, old, request)
  const errors = new FieldErrors()
  through.validate?.(object, errors, request)
  through.validateUpdate?.(object, old, errors, request)
  return texts(errors)
}

const texts = (errors: FieldErrors): string[] => errors.all.map(({ field, message }) => `${field}: ${message}`)

/** The cells of a table row by the names of their columns. */
export function cells<T extends KubeObject>(resource: Resource<T>, object: T, now = '2026-11-01T10:05:00Z'): Record<string, unknown> {
  return Object.fromEntries(resource.columns.map((column) => [column.name, column.value(object, Date.parse(now))]))
}
