const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z', alpha: 'A-Za-z', ascii: '\\x00-\\x7F', blank: '\\t ', cntrl: '\\x00-\\x1F\\x7F', digit: '0-9', graph: '!-~', lower: 'a-z',
  print: ' -~', punct: '!-\\/:-@\\[-`{-~', space: '\\t\\n\\v\\f\\r ', upper: 'A-Z', word: '0-9A-Za-z_', xdigit: '0-9A-Fa-f',
}

/**
 * A regular expression of Go as one of JavaScript, which differs in spelling: flags in front, names of groups and of classes, the ends of
 * the text. Throws SyntaxError for what Go does not know either (references back, looking around) or what has no counterpart.
 */
export function goPattern(pattern: string): RegExp {
  let flags = ''
  let body = pattern
  const leading = /^(\^?)\(\?([ims]+)\)/.exec(body)
  if (leading) {
    flags = leading[2]!
    body = leading[1]! + body.slice(leading[0].length)
  }
  if (/\\[1-9]|\(\?<?[=!]/.test(body)) throw new SyntaxError(`Invalid regular expression: ${pattern}: references back and assertions are not known`)
  body = body
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\[:(\^?)(\w+):\]/g, (text, not: string, name: string) => (not === '' && posixClasses[name] ? posixClasses[name] : text))
    .replaceAll(/(\\\\)|\\A|\\z|\\Q(.*?)\\E|\\a/g, (text, slashes: string | undefined, quoted: string | undefined) => {
      if (slashes) return text
      if (quoted !== undefined) return quoted.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      return text === '\\A' ? '^' : text === '\\z' ? '$' : '\\x07'
    })
    .replaceAll(/\\x\{([0-9a-fA-F]+)\}/g, '\\u{$1}')
    .replaceAll(/\\([pP])([LMNPSZC])/g, '\\$1{$2}')
  try {
    return new RegExp(body, `${flags}u`)
  } catch {
    // Escapes of characters that need none are an error only there.
    return new RegExp(body, flags)
  }
}
