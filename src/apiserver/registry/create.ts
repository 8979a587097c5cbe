import { alreadyExists, ApiError, badRequest, forbidden, invalid } from '#apimachinery/api-error'
import { createManagedFields } from '#apimachinery/apply/update'
import { FieldErrors } from '#apimachinery/field-errors'
import { generateName } from '#apimachinery/generate-name'
import { nameIsDnsSubdomain, nameIsPathSegment } from '#apimachinery/names'
import { validateNames, validateObjectMeta, type MetadataChecks } from '#apimachinery/object-meta-validation'
import type { KubeObject } from '#apimachinery/object'
import { Conflict } from '#storage/store'
import { objectOf, type CacheEntry } from '../cache/entry'
import { schemaOf } from '../kinds'
import type { Reservation } from '../rest/rest'
import { admissionRequest } from './admission'
import { commitPut } from './commit'
import type { Decoded } from './decode'
import { redefault } from './decode'
import { checkLegacyFinalizers } from './legacy-finalizers'
import { writerOf } from './managers'
import { dropRepeatedOwners } from './owner-references'
import { cacheOf, fullName, keyOfObject, restOf, type Registry } from './registry'
import { matchNamespace, startMetadata } from './system-fields'
import type { WriteRequest } from './write'

/** How often a generated name that is taken is thrown again. */
const generateAttempts = 8

/** POST: `decoded` is ours. */
export async function create(registry: Registry, request: WriteRequest, decoded: Decoded): Promise<CacheEntry> {
  const { object } = decoded
  const { kind } = request
  startMetadata(object, request)
  matchNamespace(object, request.namespace, kind.resource.namespaced)
  dropRepeatedOwners(object, false, (text) => request.warn(text))
  const schema = await schemaOf(kind)
  const managed = createManagedFields(decoded.asSent(), writerOf(request, schema), decoded.managedFields)

  const question = admissionRequest(request, 'CREATE', object, undefined)
  const admitting = registry.admission.admit(question)
  if (admitting) await admitting
  redefault(kind, object)
  dropRepeatedOwners(object, true, (text) => request.warn(text))

  return insert(registry, request, object, managed)
}

/** From behind mutating admission on; also what a PUT on a free name comes to. */
export async function insert(registry: Registry, request: WriteRequest, object: KubeObject, managed: string): Promise<CacheEntry> {
  const { resource } = request.kind
  const { metadata } = object
  if (resource.customResource?.terminating) throw forbidden(fullName(request.kind), metadata.name ?? '', 'create not allowed while custom resource definition is terminating')
  const generated = !metadata.name && metadata.generateName ? metadata.generateName : undefined
  const cache = await cacheOf(registry, request.kind)
  if (generated !== undefined) {
    metadata.name = generateName(generated)
    for (let i = 1; i < generateAttempts && cache.get(metadata.namespace ?? '', metadata.name); i++) metadata.name = generateName(generated)
  }
  for (;;) {
    const begun = restOf(registry, request.kind)?.begin?.(object, undefined, request)
    const reservation = begun instanceof Promise ? await begun : begun
    try {
      const checking = prepareNew(registry, request, object)
      if (checking) await checking
      const validating = registry.admission.validate(admissionRequest(request, 'CREATE', object, undefined))
      if (validating) await validating
      if (request.dryRun && cache.get(metadata.namespace ?? '', metadata.name)) throw taken(request, metadata.name, generated)
      const entry = await put(registry, request, object, managed, generated, reservation)
      await reservation?.commit?.()
      return entry
    } catch (error) {
      await undo(registry, reservation)
      if (!(error instanceof Conflict)) throw error
      // Somebody else took what was reserved: begin again.
    }
  }
}

function prepareNew(registry: Registry, request: WriteRequest, object: KubeObject): void | Promise<void> {
  const { kind } = request
  kind.resource.prepareForCreate?.(object as never, request)
  const errors = new FieldErrors()
  const checking = restOf(registry, kind)?.check?.(object, undefined, request, errors)
  if (checking) return checking.then(() => judge(registry, request, object, errors))
  judge(registry, request, object, errors)
}

const looks: MetadataChecks = { whole: 1, update: 1 }

function judge(registry: Registry, request: WriteRequest, object: KubeObject, errors: FieldErrors): void {
  const { resource } = request.kind
  validateObjectMeta(object.metadata, resource.namespaced, resource.validateName ?? nameIsDnsSubdomain, errors.at('metadata'))
  // Kinds that do not look at metadata themselves let these through.
  const { whole, update } = resource.metadataChecks ?? looks
  if (whole + update > 0) checkLegacyFinalizers(resource, object.metadata, errors.at('metadata'))
  resource.validate?.(object as never, errors, request)
  resource.validateCreate?.(object as never, errors, request)
  // Beneath the kind's own rule for names.
  if (!errors.any) validateNames(object.metadata, nameIsPathSegment, errors.at('metadata'))
  if (errors.any) throw invalid({ group: resource.group, kind: resource.kind }, object.metadata.name ?? '', errors.all)
  for (const text of resource.warnings?.(object as never, undefined) ?? []) request.warn(text)
  for (const text of registry.notHonoured[`${resource.group}/${resource.resource}`]?.(object) ?? []) request.warn(text)
  resource.canonicalize?.(object as never)
}

async function put(registry: Registry, request: WriteRequest, object: KubeObject, managed: string, generated: string | undefined, reservation: Reservation | undefined): Promise<CacheEntry> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await commitPut(registry, request.kind, object, managed, 'absent', request.dryRun, reservation?.changes)
    } catch (error) {
      if (!(error instanceof Conflict) || error.key !== keyOfObject(request.kind, object.metadata.namespace ?? '', object.metadata.name)) throw error
      if (generated === undefined || attempt === generateAttempts) throw await takenBy(registry, request, object, generated, error)
      object.metadata.name = generateName(generated)
    }
  }
}

/** Whoever makes what is on its way out is told that it is. */
async function takenBy(registry: Registry, request: WriteRequest, { metadata }: KubeObject, generated: string | undefined, { current }: Conflict): Promise<ApiError> {
  const error = taken(request, metadata.name, generated)
  const entry = current && (await registry.cache.entryAt(request.kind.resource, metadata.namespace ?? '', metadata.name, current.revision, current.value))
  if (entry && objectOf(request.kind.resource, entry).metadata.deletionTimestamp) error.status.message = `object is being deleted: ${error.message}`
  return error
}

function taken({ kind }: WriteRequest, name: string, generated: string | undefined): ApiError {
  const { group, resource } = fullName(kind)
  if (generated === undefined) return alreadyExists({ group, resource }, name)
  const full = group ? `${resource}.${group}` : resource
  return new ApiError(409, 'AlreadyExists', `${full} "${name}" already exists, the server was not able to generate a unique name for the object`, {
    name, ...(group ? { group } : {}), kind: resource, retryAfterSeconds: 1,
  })
}

export async function undo(registry: Registry, reservation: Reservation | undefined): Promise<void> {
  try {
    await reservation?.rollback?.()
  } catch (error) {
    // The write's own error is the one to tell; repair controllers find what is left.
    registry.log.warn('could not roll back what a refused write had reserved', { error })
  }
}

/** A name in the path must be the object's; a create by PUT takes it over. */
export function matchName(object: KubeObject, name: string): void {
  if (!object.metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`)
  }
}
