import type { Pod } from '#api/core/v1/types'

export const completionIndex = 'batch.kubernetes.io/job-completion-index'

/** The index that an Indexed job's pod works on; undefined where it says none. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[completionIndex]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Reads `1,3-5,7`; indexes at or beyond `completions` are left out. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const found = new Set<number>()
  for (const part of text ? text.split(',') : []) {
    const [first = NaN, last = first] = part.split('-').map(Number)
    for (let index = first; index <= last && index < completions; index++) found.add(index)
  }
  return found
}

/** `1,3-5,7`: what the status keeps, short however many there are. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length;) {
    let end = i
    while (sorted[end + 1] === sorted[end]! + 1) end++
    // Two neighbours are written as two.
    parts.push(end === i ? `${sorted[i]}` : end === i + 1 ? `${sorted[i]},${sorted[end]}` : `${sorted[i]}-${sorted[end]}`)
    i = end + 1
  }
  return parts.join(',')
}
