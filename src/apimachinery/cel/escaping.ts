/** Words that expressions cannot use as names of fields. */
const reserved = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package',
  'namespace', 'return', 'var', 'void', 'while',
])
const escapes: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' }
const unescapes = new Map(Object.entries(escapes).map(([character, escape]) => [escape, character]))

export const isReserved = (name: string): boolean => reserved.has(name)

/** A field's name as expressions write it; undefined where they cannot. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_./-][A-Za-z0-9_./-]*$/.test(name)) return undefined
  return reserved.has(name) ? `__${name}__` : name.replaceAll(/__|[-./]/g, (found) => escapes[found]!)
}

/** The field that an expression means. */
export function unescapeName(name: string): string {
  const word = /^__([a-z]+)__$/.exec(name)?.[1]
  return word !== undefined && reserved.has(word) ? word : name.replaceAll(/__[^_]+__/g, (found) => unescapes.get(found) ?? found)
}
