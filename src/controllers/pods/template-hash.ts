import type { PodTemplateSpec } from '#api/core/v1/types'
import { sameData } from '#base/clone'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** FNV-1a over 32 bits. */
function fnv1a(text: string, hash = 0x811c9dc5): number {
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** Without vowels and what is taken for them, so that no hash spells a word. */
export const safeText = (hash: number): string => [...String(hash)].map((c) => alphabet[c.charCodeAt(0) % alphabet.length]).join('')

/** Data as text with sorted fields: what says the same gives the same text. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = Object.entries(value).filter(([, field]) => field !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`
}

/** A short name for data; `collisions` gives another where one was taken by different data. */
export function shortHash(data: unknown, collisions = 0): string {
  const hash = fnv1a(canonical(data))
  return safeText(collisions > 0 ? fnv1a(String(collisions), hash) : hash)
}

export const templateHashLabel = 'pod-template-hash'

/** Whether two templates ask for the same pods; the label that names the template itself does not count. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return sameData(a.spec, b.spec) && sameData(withoutHash(a), withoutHash(b))
}

function withoutHash({ metadata }: PodTemplateSpec): unknown {
  if (!metadata?.labels || !(templateHashLabel in metadata.labels)) return metadata ?? {}
  const { [templateHashLabel]: _hash, ...labels } = metadata.labels
  return { ...metadata, labels: Object.keys(labels).length > 0 ? labels : undefined }
}
