/** A fault of an expression, at an offset in its text; undefined where it concerns the whole. */
export interface Fault {
  readonly at: number | undefined
  readonly message: string
}

/**
 * An expression that cannot be compiled. The message is cel-go's, with the places marked beneath the lines; `phase` tells what is
 * wrong with the expression from a constant in it that can only fail, and from a value of a type that is not wanted.
 */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError'
  readonly phase: 'check' | 'program' | 'type'
  constructor(message: string, phase: 'check' | 'program' | 'type') {
    super(message)
    this.phase = phase
  }
}

const most = 100
const longestLine = 16_384

/** All faults of one text in the order of their places, as cel-go shows them. */
export function compileError(text: string, faults: readonly Fault[]): CelCompileError {
  const placed = faults.slice(0, most).map((fault) => ({ ...fault, ...placeOf(text, fault.at) }))
  placed.sort((a, b) => a.line - b.line || a.column - b.column)
  const shown = placed.map(({ line, column, message }) => `ERROR: <input>:${line}:${column + 1}: ${message}${snippet(text, line, column)}`)
  if (faults.length > most) shown.push(`${faults.length - most} more errors were truncated`)
  return new CelCompileError(shown.join('\n'), 'check')
}

function placeOf(text: string, at: number | undefined): { line: number; column: number } {
  if (at === undefined) return { line: -1, column: -1 }
  // There is no place in a text without characters.
  if (text === '') return { line: 1, column: -1 }
  const before = text.slice(0, at)
  const start = before.lastIndexOf('\n') + 1
  return { line: before.split('\n').length, column: Array.from(before.slice(start)).length }
}

function snippet(text: string, line: number, column: number): string {
  if (text === '') return ''
  const source = text.split('\n')[line - 1]?.replaceAll('\t', ' ')
  if (source === undefined || source.length > longestLine) return ''
  const points = [...source]
  const wide = (i: number): boolean => (points[i] ?? '') > '\u007f'
  let marks = ''
  for (let i = 0; i < Math.min(column, points.length); i++) marks += wide(i) ? '\uff0e' : '.'
  return `\n | ${source}\n | ${marks}${wide(column) ? '\uff3e' : '^'}`
}
