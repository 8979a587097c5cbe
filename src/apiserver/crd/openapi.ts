import type { PrebuiltDocument } from '#api/openapi/files'
import type { RemoteOpenApi } from '../aggregator/remote-openapi'
import type { LazyDocument, MoreDocuments } from '../root/openapi'
import type { BuiltInDocuments } from '../root/served-documents'
import { mergeV2 } from './openapi-merge'
import { createPart, type Part, type Published } from './openapi-part'

/** What extension API servers say about their types. */
export type RemoteDocuments = Pick<RemoteOpenApi, 'v2' | 'v3'> & { readonly generation: number }

const none: RemoteDocuments = { v2: [], v3: [], generation: 0 }
const whole: BuiltInDocuments = { serves: () => true, v2: () => Promise.resolve([]) }

/**
 * The OpenAPI documents of everything that is not built in: what definitions make, and what others serve through this server. A
 * definition that changes costs the documents of its own groups and versions; the whole is put together when it is asked for.
 */
export function customDocuments(published: () => Iterable<Published>, generation: () => number, remotes: RemoteDocuments = none, builtIn: BuiltInDocuments = whole): MoreDocuments {
  let at = ''
  let parts = new Map<string, { part: Part; of: readonly Published[] }>()
  let v2 = new Map<'json' | 'protobuf', Promise<PrebuiltDocument>>()
  const refresh = (): void => {
    const now = `${generation()} ${remotes.generation}`
    if (at === now) return
    at = now
    v2 = new Map()
    const before = parts
    parts = new Map()
    for (const [groupVersion, of] of byGroupVersion(published())) {
      const known = before.get(groupVersion)
      const same = known?.of.length === of.length && known.of.every(({ resource }, i) => resource === of[i]!.resource)
      parts.set(groupVersion, same ? known : { part: createPart(of), of })
    }
  }
  return {
    serves: builtIn.serves,
    v3() {
      refresh()
      const documents = new Map<string, LazyDocument>()
      for (const [groupVersion, { part }] of parts) documents.set(`apis/${groupVersion}`, { hash: part.hash, load: part.v3 })
      for (const [path, document] of remotes.v3) documents.set(path, { hash: document.hash, load: () => document })
      return documents
    },
    async v2(format) {
      refresh()
      const given = [...(await builtIn.v2()), ...remotes.v2]
      if (parts.size === 0 && given.length === 0) return undefined
      let document = v2.get(format)
      if (!document) {
        document = mergeV2(format, [...[...parts.values()].map(({ part }) => part.v2), ...given.map((swagger) => () => swagger)])
        const made = v2.set(format, document)
        document.catch(() => made.delete(format))
      }
      return document
    },
  }
}

function byGroupVersion(all: Iterable<Published>): Map<string, Published[]> {
  const found = new Map<string, Published[]>()
  for (const one of all) {
    const key = one.resource.apiVersion
    const known = found.get(key)
    if (known) known.push(one)
    else found.set(key, [one])
  }
  return found
}
