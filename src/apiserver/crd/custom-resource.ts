import { bumpGeneration, prepareStatus } from './strategy'
import { columnsOf } from './columns'
import { checksOf } from './checks'
import { firstAt, parseJsonPath } from './json-path'
import type { Converter } from './conversion'
import { standardFinalizers } from './finalizer-warnings'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '#api/apiextensions/v1/types'
import { structs as metaStructs } from '#apimachinery/meta/v1/types.gen'
import { ApiError } from '#apimachinery/api-error'
import type { Unstructured } from '#apimachinery/object'
import { defineResource, type Conversion, type CustomResource, type Resource, type StoredObject, type Subresource, type Version } from '#apimachinery/resource'
import { DecodeError } from '#apimachinery/schema/decode-error'
import { decodeCustom } from '#apimachinery/schema/decode-custom'
import type { JsonSchema } from '#apimachinery/schema/json-schema'
import type { Struct } from '#apimachinery/schema/schema'
import { compileStructural } from '#apimachinery/schema/structural'

/** What changes about a definition without its resources being made anew. */
export interface DefinitionState {
  terminating: boolean
}

export const schemaOf = (version: CustomResourceDefinitionVersion): JsonSchema | undefined => version.schema?.openAPIV3Schema

/**
 * The resources of a definition, one for each served version: each reads what is stored with its own schema, validates with it and keeps
 * what it has read, as if the others were not there. Conversion is a matter of reading and writing alone: where there is a converter it
 * is asked, and without one nothing changes but apiVersion.
 */
export function customResources(definition: CustomResourceDefinition, state: DefinitionState, converter?: Converter): Resource[] {
  const { spec: { group, versions: all }, status } = definition
  const kind = status.acceptedNames.kind
  const structs = new Map<string, Struct>()
  const structOf = (version: CustomResourceDefinitionVersion): Struct => {
    let struct = structs.get(version.name)
    if (!struct) structs.set(version.name, (struct = compileStructural(schemaOf(version), kind, metaStructs.ObjectMeta as Struct)))
    return struct
  }
  const stored = all.find(({ storage }) => storage)!
  const served = all.filter((version) => version.served)
  const versions: Record<string, Version<Unstructured>> = {}
  for (const version of served) {
    const apiVersion = `${group}/${version.name}`
    versions[apiVersion] = {
      schema: async () => structOf(version),
      decode: (struct, object, unknown) => decodeCustom(struct, object, unknown),
      fromStorage: (object) => ({ ...object, apiVersion }),
      ...(version.deprecated ? { deprecated: version.deprecationWarning ?? `${apiVersion} ${kind} is deprecated` } : {}),
    }
  }
  /** What an older schema let in may not be readable as this one: it is shown as it rests. */
  const fit = (version: CustomResourceDefinitionVersion, object: Unstructured): void => {
    try {
      decodeCustom(structOf(version), object)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
    }
  }
  const rested = (name: string): CustomResourceDefinitionVersion => {
    const known = name === '' ? (all.find((version) => version.name === status.storedVersions?.[0]) ?? stored) : all.find((version) => version.name === name)
    if (!known) throw new ApiError(500, '', `request to convert CR from an invalid group/version: ${group}/${name}`)
    return known
  }
  return served.map((version) => {
    const apiVersion = `${group}/${version.name}`
    const only = withoutConversion(versions[apiVersion]!)
    const own: Record<string, Version<Unstructured>> = converter ? { [apiVersion]: only } : { ...versions, [apiVersion]: only }
    const settle = (objects: readonly Unstructured[], from: readonly CustomResourceDefinitionVersion[]): readonly Unstructured[] => {
      for (const [i, object] of objects.entries()) if (from[i] !== version) fit(version, object)
      return objects
    }
    const fromStored = (found: readonly StoredObject<Unstructured>[]): readonly Unstructured[] | Promise<readonly Unstructured[]> => {
      const from: CustomResourceDefinitionVersion[] = []
      for (const { object, version: name } of found) {
        const one = rested(name)
        from.push(one)
        fit(one, object)
        if (converter) object.apiVersion = `${group}/${one.name}`
      }
      const objects = found.map(({ object }) => object)
      if (!converter || from.every((one) => one === version)) return settle(objects, from)
      return converter.convert(objects, apiVersion).then((converted) => settle(converted, from))
    }
    const toStored = async (object: Unstructured): Promise<Unstructured> => {
      // The webhook's answer may share what we hold.
      const [converted] = await converter!.convert([object], `${group}/${stored.name}`)
      fit(stored, converted!)
      return converted!
    }
    const conversion: Conversion<Unstructured> | undefined = converter && {
      versions,
      async convert(objects, to) {
        const target = served.find(({ name }) => `${group}/${name}` === to)!
        // The webhook's answer may share what it was given.
        const converted = (await converter.convert(objects, to)).map((object, i) => (object === objects[i] ? object : (structuredClone(object) as Unstructured)))
        for (const [i, object] of converted.entries()) if (object !== objects[i]) fit(target, object)
        return converted
      },
    }
    const canonicalize = (object: Unstructured): void => {
      fit(stored, object)
      fit(version, object)
    }
    const resting = version === stored ? {} : converter ? { toStored } : { canonicalize }
    return customResource(definition, version, own, state, { fromStored, storedVersion: stored.name, ...resting, ...(conversion ? { conversion } : {}) }) as unknown as Resource
  })
}

interface AtRest {
  fromStored: CustomResource<Unstructured>['fromStored']
  readonly storedVersion: string
  readonly conversion?: Conversion<Unstructured>
  toStored?(object: Unstructured): Promise<Unstructured>
  /** What the storage version does not know is lost when it is written. */
  canonicalize?(object: Unstructured): void
}

function withoutConversion({ fromStorage: _, ...version }: Version<Unstructured>): Version<Unstructured> {
  return version
}

function customResource(
  definition: CustomResourceDefinition, version: CustomResourceDefinitionVersion, versions: Record<string, Version<Unstructured>>, state: DefinitionState,
  { canonicalize, ...atRest }: AtRest,
): Resource<Unstructured> {
  const { spec, status: { acceptedNames: names } } = definition
  const { group } = spec
  const checks = checksOf(version)
  const hasStatus = version.subresources?.status !== undefined
  const apiVersion = `${group}/${version.name}`
  return defineResource<Unstructured>({
    group, version: version.name, kind: names.kind, resource: names.plural, namespaced: spec.scope === 'Namespaced',
    singular: names.singular ?? '', listKind: names.listKind ?? `${names.kind}List`, shortNames: names.shortNames ?? [], categories: names.categories ?? [],
    versions: { ...versions, [apiVersion]: { ...versions[apiVersion]!, schema: () => checks.prepare().then(versions[apiVersion]!.schema) } },
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    allowUnconditionalUpdate: false,
    subresources: subresourcesOf(version, checks),
    columns: columnsOf(version.additionalPrinterColumns),
    ...selectable(version),
    prepareForCreate(object) {
      if (hasStatus) delete object.status
      object.metadata.generation = 1
    },
    prepareForUpdate(object, old) {
      if (hasStatus) {
        if (old.status !== undefined) object.status = old.status
        else delete object.status
      }
      bumpGeneration(object, old)
    },
    validateCreate: checks.create,
    validateUpdate: checks.update,
    ...(canonicalize ? { canonicalize } : {}),
    warnings: standardFinalizers,
    ...(hasStatus ? { resetFields: [['status']] } : {}),
    customResource: {
      ...atRest,
      isStorageVersion: version.storage,
      storageIsServed: spec.versions.some(({ storage, served }) => storage && served),
      get terminating() {
        return state.terminating
      },
    },
  })
}

function subresourcesOf({ subresources }: CustomResourceDefinitionVersion, checks: ReturnType<typeof checksOf>): Record<string, Subresource<Unstructured>> {
  const found: Record<string, Subresource<Unstructured>> = {}
  if (subresources?.status !== undefined) {
    found['status'] = { sort: 'object', resetFields: [['metadata'], ['spec']], prepareForUpdate: prepareStatus, validateUpdate: checks.status }
  }
  if (subresources?.scale) {
    const { specReplicasPath, statusReplicasPath, labelSelectorPath } = subresources.scale
    const segments = (path: string): string[] => path.replace(/^\./, '').split('.')
    found['scale'] = {
      sort: 'scale', specReplicas: segments(specReplicasPath), statusReplicas: segments(statusReplicasPath),
      ...(labelSelectorPath ? { selector: segments(labelSelectorPath) } : {}),
    }
  }
  return found
}

function selectable({ selectableFields = [] }: CustomResourceDefinitionVersion): { selectableFields?: Record<string, (object: Unstructured) => string> } {
  if (selectableFields.length === 0) return {}
  return {
    selectableFields: Object.fromEntries(selectableFields.map(({ jsonPath }) => {
      const path = parseJsonPath(jsonPath)
      const read = (object: Unstructured): string => {
        const value = firstAt(object, path)
        return value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
      }
      return [jsonPath.replace(/^\./, ''), read]
    })),
  }
}
