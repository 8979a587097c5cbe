/** Numbers as Go's `%g` writes them, with as many digits as tell the value. */
export function shortestFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  return power < -4 || power >= 6 ? `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}` : plainFloat(value)
}

/** Without exponent, however long that is. */
export function plainFloat(value: number): string {
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!match) return text
  const [, sign, first, rest = '', exponent] = match as unknown as [string, string, string, string | undefined, string]
  const power = Number(exponent)
  const digits = first + rest
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`
  return sign + (digits.length <= power + 1 ? digits.padEnd(power + 1, '0') : `${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`)
}

/** A text in the quotes of a Go literal. */
export function quoted(text: string): string {
  let out = '"'
  for (const character of text) {
    const code = character.codePointAt(0)!
    const known = escapes[character]
    if (known !== undefined) out += known
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`
    else if (/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(character)) out += code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
    else out += character
  }
  return `${out}"`
}

const escapes: Readonly<Record<string, string>> = {
  '"': String.raw`\"`, '\\': '\\\\', '\u0007': String.raw`\a`, '\b': String.raw`\b`, '\f': String.raw`\f`, '\n': String.raw`\n`,
  '\r': String.raw`\r`, '\t': String.raw`\t`, '\v': String.raw`\v`,
}
