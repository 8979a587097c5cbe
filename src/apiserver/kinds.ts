import type { KubeObject } from '#apimachinery/object'
import { groupVersionOf, type Resource, type Version } from '#apimachinery/resource'
import type { Struct } from '#apimachinery/schema/schema'
import { servedBy, type IsServed } from './enablement/runtime-config'
import { headOf } from './encoding/stored-form'

/** A resource as one group and version serves it. */
export interface Kind {
  readonly resource: Resource
  readonly group: string
  readonly version: string
  /** `apps/v1` */
  readonly apiVersion: string
  readonly served: Version<KubeObject>
  /** Objects rest in this version, so that stored bytes can be served as they are. */
  readonly isStorage: boolean
  /** What an answer begins with, up to the resourceVersion's value. */
  readonly head: string
  /** Undefined until it was loaded. */
  schema: Struct | undefined
}

/** What is served, by group, version and resource. Custom resources come and go. */
export class Kinds {
  private readonly byPath = new Map<string, Kind>()
  /** Counts changes: what is made of the whole (discovery) is made again when this has moved. */
  generation = 0
  private readonly isServed: IsServed
  private readonly enabled: (gate: string) => boolean

  /** `isServed` and `enabled`: what of the built-in kinds is switched on. The server's own parts have all of them. */
  constructor(isServed: IsServed = servedBy({}), enabled: (gate: string) => boolean = () => true) {
    this.isServed = isServed
    this.enabled = enabled
  }

  /** `only`: in this version alone, since each version of a custom resource is a resource of its own. */
  add(resource: Resource, only?: string): void {
    for (const [apiVersion, served] of Object.entries(resource.versions)) {
      if (only !== undefined && apiVersion !== only) continue
      const slash = apiVersion.indexOf('/')
      const group = slash < 0 ? '' : apiVersion.slice(0, slash)
      const version = apiVersion.slice(slash + 1)
      const isStorage = apiVersion === groupVersionOf(resource)
      this.byPath.set(`${group}/${version}/${resource.resource}`, {
        resource, group, version, apiVersion, served, isStorage, head: headOf(resource.kind, apiVersion), schema: undefined,
      })
    }
    this.generation++
  }

  remove(resource: Resource): void {
    for (const [path, kind] of this.byPath) if (kind.resource === resource) this.byPath.delete(path)
    this.generation++
  }

  find(group: string, version: string, resource: string): Kind | undefined {
    return this.byPath.get(`${group}/${version}/${resource}`)
  }

  /** The kind that stores a group's resource, whatever version was asked for. */
  storing(group: string, resource: string): Kind | undefined {
    for (const kind of this.byPath.values()) if (kind.isStorage && kind.group === group && kind.resource.resource === resource) return kind
    return undefined
  }

  hasGroupVersion(group: string, version: string): boolean {
    const prefix = `${group}/${version}/`
    for (const path of this.byPath.keys()) if (path.startsWith(prefix)) return true
    return false
  }

  /** Whether any of a group's resources is built in and served, in whatever version. */
  hasBuiltIn(group: string): boolean {
    for (const kind of this.byPath.values()) if (kind.group === group && !kind.resource.customResource && this.serves(kind)) return true
    return false
  }

  serves({ resource, group, version, served: { gate } }: Kind): boolean {
    return resource.customResource !== undefined || (this.isServed(group, version, resource.resource) && (gate === undefined || this.enabled(gate)))
  }

  /** Those that are served. */
  *[Symbol.iterator](): IterableIterator<Kind> {
    for (const kind of this.byPath.values()) if (this.serves(kind)) yield kind
  }
}

/** Loads a kind's schema once; a promise the first time only. */
export function schemaOf(kind: Kind): Struct | Promise<Struct> {
  return kind.schema ?? kind.served.schema().then((schema) => (kind.schema = schema))
}
