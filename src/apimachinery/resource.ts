import type { FieldErrors } from './field-errors'
import type { Input, KubeObject } from './object'
import type { MetadataChecks } from './object-meta-validation'
import type { Struct } from './schema/schema'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** What a client needs to know to talk about a kind. */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  readonly group: string
  /** The version that `T` is of. */
  readonly version: string
  /** Plural, lower case: `deployments`. */
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  /** Only for the type; never there. */
  readonly _type?: T
}

/** The user and the request behind a write: what prepare hooks may depend on. */
export interface WriteContext {
  /** RFC 3339 with whole seconds; one value for a whole request. */
  readonly now: string
  /** Whether a feature gate is on. */
  enabled(gate: string): boolean
  /** The version that the request speaks: `events.k8s.io/v1`. Objects here are of the storage version all the same. */
  readonly apiVersion: string
  readonly user: { readonly name: string; readonly uid?: string; readonly groups: readonly string[]; readonly extra?: Readonly<Record<string, readonly string[]>> }
}

/** The pure hooks of a kind, in the order in which a write calls them. All change or look at one object; none does I/O. */
export interface Strategy<T extends KubeObject> {
  /** Only what depends on something: constants are in `types.ts`. Runs again after each mutating admission step. */
  defaults?(object: T): void
  /** Drops what a client may not set; starts generation and status. */
  prepareForCreate?(object: T, context: WriteContext): void
  /** Carries over what this write may not change (status on the main resource); decides on the generation. */
  prepareForUpdate?(object: T, old: T, context: WriteContext): void
  validate?(object: T, errors: FieldErrors, context: WriteContext): void
  /** Beside `validate`, what only a new object may not say. */
  validateCreate?(object: T, errors: FieldErrors, context: WriteContext): void
  /** Beside `validate`, what may not change. */
  validateUpdate?(object: T, old: T, errors: FieldErrors, context: WriteContext): void
  /**
   * How often this endpoint's validation of an update looks at the metadata again, so that what is wrong is told as often: once in each
   * way unless said otherwise, and subresources and custom resources only as at a changed object.
   */
  readonly metadataChecks?: MetadataChecks
  /** Rewrites into the one form that is stored (sorted, deduplicated). After validation. */
  canonicalize?(object: T): void
  /** Texts of `Warning: 299` headers. */
  warnings?(object: T, old: T | undefined): string[]
  /** Paths that this endpoint's writers never own: `[['status']]`. */
  resetFields?: readonly (readonly string[])[]
  /** When given, writers own what lies below these paths alone; `*` is any item: `[['spec', 'containers', '*', 'resources']]`. */
  onlyFields?: readonly (readonly string[])[]
}

/** A subresource that writes the same object through another strategy: status, ephemeralcontainers, resize, approval. */
export interface ObjectSubresource<T extends KubeObject> extends Strategy<T> {
  readonly sort: 'object'
  /** The parts of `validate` and `defaults` that still apply come from here alone, not from the main strategy. */
}
/** autoscaling/v1 Scale over two numbers and a selector of the object. */
export interface ScaleSubresource {
  readonly sort: 'scale'
  readonly specReplicas: readonly string[]
  readonly statusReplicas: readonly string[]
  readonly selector?: readonly string[]
}
/** A subresource with a type of its own; `src/apiserver/rest/<group>/<kind>.ts` does it. */
export interface RestSubresource {
  readonly sort: 'rest'
  readonly verbs: readonly string[]
  readonly gvk: { group: string; version: string; kind: string }
}
export type Subresource<T extends KubeObject> = ObjectSubresource<T> | ScaleSubresource | RestSubresource

export interface Version<T extends KubeObject> {
  /** Loads the schema table out of the `types.gen.ts` of its group and version. */
  schema(): Promise<Struct>
  /** The text of a warning with each answer of this version: `v1 ComponentStatus is deprecated in v1.19+`. */
  readonly deprecated?: string
  /** The feature gate without which this version is not served, though `--runtime-config` asks for it. */
  readonly gate?: string
  /** Absent for the storage version. Both return a new object and may reuse parts of what they are given. */
  toStorage?(object: KubeObject): T
  /** Where this version does not know all of the kind's `selectableFields`: those that it does. */
  readonly selectableFields?: readonly string[]
  fromStorage?(object: T): KubeObject
  /**
   * Instead of what is done to built-in kinds by their schema: prunes and fills in, in place, and leaves values that do not fit to
   * the validation. `unknown` hears the paths of what was dropped. Throws DecodeError. Of custom resources.
   */
  decode?(schema: Struct, object: object, unknown: ((path: string) => void) | undefined): void
}

/** A column of the Table form. Name and Age are columns like the others: where they stand, and what Name adds, differs by kind. */
export interface Column<T extends KubeObject> {
  name: string
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: string
  description?: string
  /** 0: always shown; 1: with `-o wide`. */
  priority?: number
  /** `now` in milliseconds, for durations. */
  value(object: T, now: number): string | number | boolean | undefined
}

export interface ResourceDefinition<T extends KubeObject> extends Strategy<T> {
  readonly group: string
  readonly kind: string
  readonly resource: string
  singular?: string
  /** The kind's name with `List` behind it unless said otherwise. */
  listKind?: string
  shortNames?: readonly string[]
  categories?: readonly string[]
  readonly namespaced: boolean
  /** The storage version's name: `v1`. */
  readonly version: string
  /**
   * By apiVersion (`apps/v1`), in order of preference. More than one shares one storage: autoscaling/v1 beside /v2,
   * events.k8s.io/v1 beside v1.
   */
  versions: Readonly<Record<string, Version<T>>>
  /** All eight unless said otherwise; create-only kinds (reviews) say `['create']`. */
  verbs?: readonly Verb[]
  subresources?: Readonly<Record<string, Subresource<T>>>
  columns: readonly Column<T>[]
  /** Field selectors beside metadata.name and metadata.namespace. */
  selectableFields?: Readonly<Record<string, (object: T) => string>>
  /** Names may hold only these: defaults to DNS subdomains. Returns messages. */
  validateName?(name: string, prefix: boolean): string[]
  /** Delete takes two steps: sets a grace period first (pods). Returns seconds, 0 for at once. */
  gracePeriodSeconds?(object: T, asked: number | undefined): number
  /** A PUT on a name that is not there creates it (leases, endpoints, limit ranges and others of the original). */
  allowCreateOnUpdate?: boolean
  /** A PUT without resourceVersion overwrites; true for most kinds. */
  allowUnconditionalUpdate?: boolean
  /** What a delete without propagationPolicy does to dependents; `background` for all but legacy kinds. */
  defaultGarbageCollection?: 'background' | 'orphan'
  /** A DELETE answers with the object that went; of all other kinds, with a Status. Clients have come to rely on it. */
  answersWithDeleted?: boolean
  /** Told to who deletes without saying what happens to dependents. */
  deleteWarning?: string
  /** Seconds after which the store forgets an object by itself (events). */
  ttlSeconds?(object: T): number | undefined
  /** What a definition makes. Each served version is a resource of its own over the same stored objects. */
  readonly customResource?: CustomResource<T>
}

/** An object as it was read, and the version in which it rested; empty where nothing says it. */
export interface StoredObject<T extends KubeObject> {
  readonly object: T
  readonly version: string
}

export interface CustomResource<T extends KubeObject> {
  /**
   * Objects rest in the store as an older definition or another version left them: makes them, which are ours, what they are now in
   * this version. A promise where somebody else must be asked, who may throw.
   */
  fromStored(objects: readonly StoredObject<T>[]): readonly T[] | Promise<readonly T[]>
  /** In which version an object comes to rest, and the object in that version where it is not this one. */
  readonly storedVersion: string
  /** Absent: it rests in this version's own form. */
  toStored?(object: T): T | Promise<T>
  /** Where somebody else converts, who must be asked; absent: nothing changes but apiVersion. */
  readonly conversion?: Conversion<T>
  /** The definition is being deleted: no object can be made any more. */
  readonly terminating?: boolean
  /** Objects are to rest in this version. */
  readonly isStorageVersion: boolean
  /** The version in which they do is served: clients are told a hash, by which they learn when stored objects were rewritten. */
  readonly storageIsServed: boolean
}

export interface Conversion<T extends KubeObject> {
  /** Every version that is served, this one too. */
  readonly versions: Readonly<Record<string, Version<T>>>
  /** The same objects in another version, pruned by its schema; the given ones stay as they are. Throws what the API answers. */
  convert(objects: readonly T[], apiVersion: string): Promise<readonly T[]>
}

/** An object as a client writes it that still knows its type: `Input<T>` alone cannot be inferred from. */
export type Made<T extends KubeObject> = Input<T> & {
  /** Only for the type; never there. */
  readonly _type?: T
}

export interface Resource<T extends KubeObject = KubeObject> extends ResourceDefinition<T>, ResourceRef<T> {
  readonly singular: string
  readonly listKind: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly Verb[]
  readonly subresources: Readonly<Record<string, Subresource<T>>>
  /** `apps/v1`, or `v1` for the core group. */
  readonly apiVersion: string
  /** A typed object of this kind, for tests and controllers: fills in apiVersion and kind. */
  make(object: Input<Omit<T, 'apiVersion' | 'kind'>>): Made<T>
}

const everyVerb: readonly Verb[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** Makes a kind: what is not said takes the value that most kinds have. */
export function defineResource<T extends KubeObject>(definition: ResourceDefinition<T>): Resource<T> {
  const apiVersion = definition.group ? `${definition.group}/${definition.version}` : definition.version
  return {
    ...definition,
    singular: definition.singular ?? definition.kind.toLowerCase(),
    listKind: definition.listKind ?? `${definition.kind}List`,
    shortNames: definition.shortNames ?? [],
    categories: definition.categories ?? [],
    verbs: definition.verbs ?? everyVerb,
    subresources: definition.subresources ?? {},
    apiVersion,
    make: (object) => ({ apiVersion, kind: definition.kind, ...object }) as Made<T>,
  }
}

/** `schema: schemaIn(() => import('./types.gen'), 'Deployment')`: loaded when first needed. */
export function schemaIn(load: () => Promise<{ structs: Readonly<Record<string, Struct>> }>, name: string): () => Promise<Struct> {
  return async () => {
    const struct = (await load()).structs[name]
    if (!struct) throw new Error(`types.gen.ts has no ${name}: run npm run generate`)
    return struct
  }
}

/** What the API calls a kind that is only known by name: for custom resources and dynamic clients. */
export function groupVersionOf({ group, version }: { group: string; version: string }): string {
  return group ? `${group}/${version}` : version
}
