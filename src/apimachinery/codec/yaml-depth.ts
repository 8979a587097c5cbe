// How deep a text's lists and maps are in each other, found token by token. The library that reads YAML calls itself for each level, and
// V8 ends the process where a regular expression is compiled with next to no stack left: such a text must not come that far.

/** Far beyond every manifest, and far from the stack's end. */
export const maxYamlDepth = 500

/** `tokens` are those of the library's lexer. True: some part lies deeper than is read. */
export function isTooDeep(tokens: Iterable<string>): boolean {
  /** Columns where the block collections begin that are open. */
  const blocks: number[] = []
  let flow = 0
  let column = 0
  /** The next token begins a collection, or may: it is the first of its line or stands behind an indicator. */
  let begins = true
  for (const token of tokens) {
    if (token === '\n' || token === '\r\n') {
      column = 0
      begins = true
      continue
    }
    const blank = /^[ \t]*$/.test(token)
    if (token === '{' || token === '[') flow++
    else if (token === '}' || token === ']') flow--
    else if (flow === 0 && begins && !blank && token !== '\x1f' && token !== '\x02') {
      while (blocks.length > 0 && blocks.at(-1)! >= column) blocks.pop()
      blocks.push(column)
    }
    if (blocks.length + flow > maxYamlDepth) return true
    if (!blank && token !== '\x1f') begins = token === '-' || token === '?' || token === ':'
    // What spans lines (a quoted or a literal text) ends somewhere in its last one.
    const end = token.lastIndexOf('\n')
    column = end < 0 ? column + token.length : token.length - end - 1
    if (end >= 0 && end === token.length - 1) begins = true
  }
  return false
}
