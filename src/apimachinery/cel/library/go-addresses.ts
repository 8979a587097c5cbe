import { quoted } from '../runtime/go-numbers'

/** Why Go's `netip.ParseAddr` refuses a text that `parseIp` does not know either, in its words. */
export function addressFault(text: string): string {
  const sign = /[.:%]/.exec(text)?.[0]
  const [message, at] = sign === '.' ? ipv4Fault(text) : sign === ':' ? ipv6Fault(text) : [sign === '%' ? 'missing IPv6 address' : 'unable to parse IP', '']
  return `ParseAddr(${quoted(text)}): ${message}${at === '' ? '' : ` (at ${quoted(at)})`}`
}

type Fault = [message: string, at: string]

function ipv4Fault(text: string): Fault {
  let [value, digits, fields] = [0, 0, 0]
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    if (/\d/.test(character)) {
      if (digits === 1 && value === 0) return ['IPv4 field has octet with leading zero', '']
      value = value * 10 + Number(character)
      digits++
      if (value > 255) return ['IPv4 field has value >255', '']
    } else if (character === '.') {
      if (i === 0 || i === text.length - 1 || text[i - 1] === '.') return ['IPv4 field must have at least one digit', text.slice(i)]
      if (fields === 3) return ['IPv4 address too long', '']
      fields++
      ;[value, digits] = [0, 0]
    } else return ['unexpected character', text.slice(i)]
  }
  return ['IPv4 address too short', '']
}

function ipv6Fault(text: string): Fault {
  const percent = text.indexOf('%')
  if (percent >= 0 && percent === text.length - 1) return ['zone must be a non-empty string', '']
  let rest = percent < 0 ? text : text.slice(0, percent)
  let ellipsis = rest.startsWith('::')
  if (ellipsis) rest = rest.slice(2)
  let fields = 0
  while (fields < 8) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)![0]
    if (digits.length > 4) return ['each group must have 4 or less digits', rest]
    if (digits === '') return ['each colon-separated field must have at least one digit', rest]
    if (rest[digits.length] === '.') {
      if (!ellipsis && fields !== 6) return ['embedded IPv4 address must replace the final 2 fields of the address', rest]
      return fields > 6 ? ['too many hex fields to fit an embedded IPv4 at the end of the address', rest] : ipv4Fault(rest)
    }
    fields++
    rest = rest.slice(digits.length)
    if (rest === '') break
    if (!rest.startsWith(':')) return ['unexpected character, want colon', rest]
    if (rest.length === 1) return ['colon must be followed by more characters', rest]
    rest = rest.slice(1)
    if (!rest.startsWith(':')) continue
    if (ellipsis) return ['multiple :: in address', rest]
    ellipsis = true
    rest = rest.slice(1)
    if (rest === '') break
  }
  if (rest !== '') return ['trailing garbage after address', rest]
  return [fields < 8 ? 'address string too short' : 'the :: must expand to at least one field of zeros', '']
}
