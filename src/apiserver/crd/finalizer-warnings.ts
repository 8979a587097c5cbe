import type { KubeObject } from '#apimachinery/object'
import { isQualifiedName } from '#apimachinery/names'

const known = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

/** Texts about finalizers that are new and badly named. */
export function standardFinalizers(object: KubeObject, old: KubeObject | undefined): string[] {
  const { finalizers } = object.metadata
  if (!finalizers || finalizers.length === 0) return []
  const before = new Set(old?.metadata.finalizers)
  const texts: string[] = []
  for (const name of [...new Set(finalizers)].filter((one) => !before.has(one)).sort()) {
    const head = `metadata.finalizers: ${JSON.stringify(name)}: `
    for (const problem of isQualifiedName(name)) texts.push(head + problem)
    if (name.includes('/') || known.has(name)) continue
    const wanted = name.includes('.') ? ' including a path (/) to avoid accidental conflicts with other finalizer writers' : ' to avoid accidental conflicts with other finalizer writers'
    texts.push(`${head}prefer a domain-qualified finalizer name${wanted}`)
  }
  return texts
}
