/** Replaces `$(NAME)` where the name is known; `$$` is a dollar, and what is not known stays as it is. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text
  let out = ''
  let at = 0
  while (at < text.length) {
    const char = text[at]!
    if (char !== '$' || at + 1 >= text.length) {
      out += char
      at++
    } else if (text[at + 1] === '$') {
      out += '$'
      at += 2
    } else if (text[at + 1] === '(') {
      const end = text.indexOf(')', at + 2)
      if (end < 0) {
        out += '$('
        at += 2
      } else {
        const name = text.slice(at + 2, end)
        out += lookup(name) ?? `$(${name})`
        at = end + 1
      }
    } else {
      out += `$${text[at + 1]!}`
      at += 2
    }
  }
  return out
}
