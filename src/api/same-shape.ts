import type { KubeObject } from '#apimachinery/object'
import type { Version } from '#apimachinery/resource'

interface OtherVersion {
  readonly schema: Version<KubeObject>['schema']
  /** The minor release in which this version was given up: three later it is gone. */
  readonly deprecatedIn: number
  /** Whether clients are told to use the stored version instead. */
  readonly replaced?: boolean
  readonly gate?: string
}

/** Other versions of a kind, by name, whose objects differ in nothing but their apiVersion from those that rest as `stored`: `networking.k8s.io/v1`. */
export function sameShape<T extends KubeObject>(stored: string, kind: string, others: Readonly<Record<string, OtherVersion>>): Readonly<Record<string, Version<T>>> {
  const group = stored.slice(0, stored.indexOf('/'))
  return Object.fromEntries(Object.entries(others).map(([version, { schema, deprecatedIn, replaced, gate }]): [string, Version<T>] => {
    const apiVersion = `${group}/${version}`
    return [apiVersion, {
      schema,
      ...(gate === undefined ? {} : { gate }),
      deprecated: deprecation(apiVersion, kind, deprecatedIn, replaced ? stored : undefined),
      toStorage: (object) => ({ ...object, apiVersion: stored }) as T,
      fromStorage: (object) => ({ ...object, apiVersion }),
    }]
  }))
}

/** The warning that answers of a version carry, even before it is given up. */
export const deprecation = (apiVersion: string, kind: string, release: number, instead?: string): string =>
  `${apiVersion} ${kind} is deprecated in v1.${release}+, unavailable in v1.${release + 3}+${instead === undefined ? '' : `; use ${instead} ${kind}`}`
