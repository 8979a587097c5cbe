import { parseSync } from 'oxc-parser'
import type { Source } from './sources'

/** Places where the type checker is told to look away: every `any` that is a type. */
export function usesOfAny(sources: readonly Source[]): string[] {
  return sources.filter(({ text }) => /\bany\b/.test(text)).flatMap(({ path, text }) => anyIn(path, text).map((offset) => `${path}:${lineOf(text, offset)}`))
}

function anyIn(path: string, text: string): number[] {
  const found: number[] = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit)
    if (typeof node !== 'object' || node === null) return
    const { type, start } = node as { type?: unknown; start?: number }
    if (type === 'TSAnyKeyword') found.push(start!)
    else for (const child of Object.values(node)) visit(child)
  }
  visit(parseSync(path, text).program)
  return found
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

/** A `types.ts` is one idea, however many fields it has. */
export function filesOver400(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length
    return lines > 400 && !path.endsWith('/types.ts') ? [`${path}: ${lines} lines`] : []
  })
}

/** What is accepted but not built yet. */
export function missingRules(notBuilt: readonly { kind: string; missing: readonly string[] }[]): string[] {
  return notBuilt.flatMap(({ kind, missing }) => missing.map((one) => `${kind}: ${one}`))
}
