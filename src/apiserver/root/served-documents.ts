import { gunzipSync } from 'node:zlib'
import { openApiV2Part } from '#api/openapi/files'
import type { Swagger } from '../aggregator/remote-openapi'
import type { Kinds } from '../kinds'

/** Which of the documents that are built with the package are shown. */
export interface BuiltInDocuments {
  /** Whether what has this path under /openapi/v3 is switched on: `apis/apps`, `apis/apps/v1`. */
  serves(path: string): boolean
  /** What the v2 document gets on top of the stable versions: those that are on because somebody asked for them. */
  v2(): Promise<readonly Swagger[]>
}

export function builtInDocuments(kinds: Kinds): BuiltInDocuments {
  let paths: ReadonlySet<string> | undefined
  // Once there are kinds: what is built in is switched on or off at the start, for good.
  const served = (): ReadonlySet<string> => (paths ??= pathsOf(kinds))
  return {
    serves: (path) => served().has(path) || !/^apis?\//.test(path),
    async v2() {
      const parts = await Promise.all([...served()].map(openApiV2Part))
      return parts.flatMap((part) => (part ? [JSON.parse(gunzipSync(part.gzip).toString('utf8')) as Swagger] : []))
    },
  }
}

function pathsOf(kinds: Kinds): Set<string> {
  const paths = new Set<string>()
  for (const { group, version, resource } of kinds) {
    if (resource.customResource) continue
    if (group === '') paths.add(`api/${version}`)
    else paths.add(`apis/${group}`).add(`apis/${group}/${version}`)
  }
  return paths
}
