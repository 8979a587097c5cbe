/** A path into an object as printer columns and field selectors name it: `.status.conditions[?(@.type=="Ready")].status`. */
export type JsonPath = readonly Step[]

type Step =
  | { readonly sort: 'field'; readonly name: string }
  | { readonly sort: 'index'; readonly index: number }
  | { readonly sort: 'slice'; readonly from: number; readonly to: number | undefined; readonly step: number }
  | { readonly sort: 'all' }
  | { readonly sort: 'below' }
  | { readonly sort: 'filter'; readonly path: JsonPath; readonly operator: string; readonly value: unknown }

/** Throws SyntaxError for what cannot be read. */
export function parseJsonPath(text: string): JsonPath {
  const reader = { text, at: text.startsWith('$') ? 1 : 0 }
  const steps: Step[] = []
  while (reader.at < text.length) {
    const letter = text[reader.at]!
    if (letter === '.') {
      reader.at++
      if (text[reader.at] === '.') {
        reader.at++
        steps.push({ sort: 'below' })
      }
      if (text[reader.at] === '[' || reader.at === text.length) continue
      steps.push(readField(reader))
    } else if (letter === '[') steps.push(readBracket(reader))
    else throw new SyntaxError(`unrecognized character in action: U+${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} '${letter}'`)
  }
  return steps
}

function readField(reader: { text: string; at: number }): Step {
  let name = ''
  for (; reader.at < reader.text.length; reader.at++) {
    const letter = reader.text[reader.at]!
    if (letter === '\\') name += reader.text[++reader.at] ?? ''
    else if (letter === '.' || letter === '[') break
    else name += letter
  }
  return name === '*' ? { sort: 'all' } : { sort: 'field', name }
}

function readBracket(reader: { text: string; at: number }): Step {
  const end = closing(reader.text, reader.at)
  const inner = reader.text.slice(reader.at + 1, end).trim()
  reader.at = end + 1
  if (inner === '*') return { sort: 'all' }
  if (/^-?\d+$/.test(inner)) return { sort: 'index', index: Number(inner) }
  const slice = /^(-?\d*):(-?\d*)(?::(-?\d*))?$/.exec(inner)
  if (slice) return { sort: 'slice', from: Number(slice[1] || 0), to: slice[2] ? Number(slice[2]) : undefined, step: Number(slice[3] || 1) }
  const quoted = /^(['"])(.*)\1$/.exec(inner)
  if (quoted) return { sort: 'field', name: quoted[2]! }
  const filter = /^\?\(\s*(@[^=!<>]*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?)\s*)?\)$/.exec(inner)
  if (!filter) throw new SyntaxError(`invalid array index ${inner}`)
  return { sort: 'filter', path: parseJsonPath(filter[1]!.slice(1)), operator: filter[2] ?? '', value: literal(filter[3] ?? '') }
}

/** The bracket that closes the one at `from`, past those inside and those in quotes. */
function closing(text: string, from: number): number {
  let quote = ''
  for (let i = from + 1, depth = 1; i < text.length; i++) {
    const letter = text[i]!
    if (quote !== '') {
      if (letter === quote) quote = ''
    } else if (letter === '"' || letter === "'") quote = letter
    else if (letter === '[') depth++
    else if (letter === ']' && --depth === 0) return i
  }
  throw new SyntaxError('unterminated array')
}

function literal(text: string): unknown {
  const quoted = /^(['"])(.*)\1$/.exec(text)
  if (quoted) return quoted[2]
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** The first value that the path leads to; undefined where it leads nowhere. */
export function firstAt(value: unknown, path: JsonPath, from = 0): unknown {
  if (from === path.length) return value
  const step = path[from]!
  if (step.sort === 'field') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const below = (value as Record<string, unknown>)[step.name]
    return below === undefined ? undefined : firstAt(below, path, from + 1)
  }
  for (const candidate of candidates(value, step)) {
    const found = firstAt(candidate, path, from + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function candidates(value: unknown, step: Exclude<Step, { sort: 'field' }>): readonly unknown[] {
  if (step.sort === 'below') return [value, ...everyBelow(value)]
  if (step.sort === 'all') return typeof value === 'object' && value !== null ? Object.values(value) : []
  if (!Array.isArray(value)) return []
  const list = value as readonly unknown[]
  if (step.sort === 'index') return [list.at(step.index)].filter((item) => item !== undefined)
  if (step.sort === 'slice') return list.slice(step.from, step.to).filter((_, i) => i % step.step === 0)
  return list.filter((item) => passes(firstAt(item, step.path), step.operator, step.value))
}

function everyBelow(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((below: unknown) => [below, ...everyBelow(below)])
}

function passes(found: unknown, operator: string, wanted: unknown): boolean {
  if (found === undefined) return false
  switch (operator) {
    case '':
      return true
    case '==':
      return found === wanted
    case '!=':
      return found !== wanted
    default:
      if (typeof found !== typeof wanted) return false
      return operator === '<' ? (found as number) < (wanted as number) : operator === '>' ? (found as number) > (wanted as number)
        : operator === '<=' ? (found as number) <= (wanted as number) : (found as number) >= (wanted as number)
  }
}
