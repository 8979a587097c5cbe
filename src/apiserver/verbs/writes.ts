import { thaw } from '#base/clone'
import { badRequest } from '#apimachinery/api-error'
import { updateManagedFields } from '#apimachinery/apply/update'
import type { FieldWriter, JsonObject } from '#apimachinery/apply/contract'
import type { KubeObject } from '#apimachinery/object'
import type { Exchange, Result } from '../exchange'
import { schemaOf, type Kind } from '../kinds'
import { admitOnly } from '../registry/admission'
import { convertTo, storageOf } from '../registry/convert'
import { reckonOrDrop } from '../registry/reckon-managers'
import { create, matchName } from '../registry/create'
import { decode, type Decoded } from '../registry/decode'
import { writerOf } from '../registry/managers'
import { matchNamespace } from '../registry/system-fields'
import { dropRepeatedOwners } from '../registry/owner-references'
import { restOf, type Registry } from '../registry/registry'
import { update } from '../registry/update'
import { readObject } from './body'
import { writeRequest } from './write-request'

export async function serveCreate(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const request = writeRequest(exchange, kind, registry, 'create')
  const read = await readObject(exchange, kind.resource.kind, request.fieldValidation !== 'Ignore', kind.resource.customResource !== undefined)
  const decoded = await decode(read.value, request, kind, read.problems)
  exchange.audit?.requestObject(decoded.asSent())
  const own = restOf(registry, kind)?.create
  if (own) {
    await admitOnly(registry, request, 'CREATE', decoded.object)
    return own(decoded.object as never, exchange, kind, request)
  }
  const entry = await create(registry, request, decoded)
  return { sort: 'entry', code: 201, kind, entry }
}

export async function serveUpdate(registry: Registry, exchange: Exchange, kind: Kind): Promise<Result> {
  const request = writeRequest(exchange, kind, registry, 'update')
  const { resource } = kind
  const { value: body, problems } = await readObject(exchange, kind.resource.kind, request.fieldValidation !== 'Ignore', kind.resource.customResource !== undefined)
  // The loop may need it again, and every round makes it its own.
  const retries = needsAnotherRound(body)
  let rounds = 0
  const schema = await schemaOf(kind)
  // Judged before it is known whether there is anything to replace; the first round takes it over.
  let first: Decoded | undefined = await readAgain()
  exchange.audit?.requestObject(first.asSent())
  const written = await update(registry, request, async (live) => {
    const decoded = first ?? (await readAgain())
    first = undefined
    const { object } = decoded
    dropRepeatedOwners(object, false, (text) => request.warn(text))
    const revision = object.metadata.resourceVersion
    const liveSent = live && (kind.isStorage ? live.object : convertTo(storageOf(kind), live.object as unknown as JsonObject, kind.apiVersion)!.object)
    const before = (liveSent ?? {}) as unknown as JsonObject
    const reckon = (writer: FieldWriter): string => updateManagedFields(before, live?.managedFields ?? '', decoded.asSent(), writer, decoded.managedFields)
    const managedFields = resource.customResource?.conversion ? await reckonOrDrop(request, schema, registry.log, reckon) : reckon(writerOf(request, schema))
    return { object, managedFields, revision }
  }, { mayCreate: resource.allowCreateOnUpdate === true && request.subresource === '', uid: 'given' })
  return { sort: 'entry', code: written.created ? 201 : 200, kind, entry: written.entry }

  async function readAgain(): Promise<Decoded> {
    // With a resourceVersion another round only finds that it is stale; by then parts of the live object, frozen, may be in it.
    const again = rounds++ > 0
    const decoded = await decode(retries ? structuredClone(body) : again ? thaw(body) : body, request, kind, problems)
    matchName(decoded.object, request.name)
    if (resource.namespaced) matchNamespace(decoded.object, request.namespace, true)
    return decoded
  }
}

function needsAnotherRound(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) throw badRequest('the object provided is unrecognized (must be a JSON object)')
  return !(body as Partial<KubeObject>).metadata?.resourceVersion
}
