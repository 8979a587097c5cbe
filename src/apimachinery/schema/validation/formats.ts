import { parseCidr } from '#base/cidr'
import { parseIp } from '#base/ip'
import type { JsonSchema } from '../json-schema'

const hostname = /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u
const uuid = (version: string, variant: string): RegExp => new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, 'i')
const anyHex = '[0-9a-f]'
const matching = (pattern: RegExp) => (text: string): boolean => pattern.test(text)
const shortName = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'

/** Formats that the API judges, without their dashes, by how Go's library reads them; others are let be. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: matching(/^[0-9a-fA-F]{24}$/),
  uri: isUri,
  email: isEmail,
  hostname: (text) => hostname.test(text) && text.length <= 255 && text.split('.').every((label) => label.length <= 63),
  ipv4: (text) => text.includes('.') && parseIp(text) !== undefined,
  ipv6: (text) => text.includes(':') && parseIp(text) !== undefined,
  cidr: (text) => parseCidr(text) !== undefined,
  mac: matching(/^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\2){6}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}|(?:[0-9a-f]{4}\.){3}[0-9a-f]{4})$/i),
  uuid: matching(uuid(anyHex, anyHex)),
  uuid3: matching(uuid('3', anyHex)),
  uuid4: matching(uuid('4', '[89ab]')),
  uuid5: matching(uuid('5', '[89ab]')),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: matching(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  hexcolor: matching(/^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/),
  rgbcolor: matching(/^rgb\(\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(?:0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$/),
  byte: matching(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => text.length <= 63 && new RegExp(`^${shortName}$`).test(text),
  k8slongname: (text) => text.length <= 253 && new RegExp(`^${shortName}(\\.${shortName})*$`).test(text),
}

/** The check of a format; undefined for formats that nothing is known of. */
export const formatCheck = (format: string): ((text: string) => boolean) | undefined => formats[format.replaceAll('-', '')]

/** Formats that the API does not know for a type count as not said. */
export function knownFormat({ type = '', format = '', 'x-kubernetes-int-or-string': either }: JsonSchema): string {
  if (format === '' || either) return ''
  if (type === '' || type === 'string') return formatCheck(format) ? format : ''
  if (type === 'integer') return format === 'int32' || format === 'int64' ? format : ''
  return type === 'number' && (format === 'float' || format === 'double') ? format : ''
}

/** As Go's ParseRequestURI: absolute, or a path. */
function isUri(text: string): boolean {
  if (text === '' || /[\x00-\x20\x7f]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return false
  if (text.startsWith('/') || text === '*') return true
  const scheme = /^[a-zA-Z][a-zA-Z0-9+.-]*:(.*)$/.exec(text)
  if (!scheme) return false
  const port = /^\/\/[^/?#]*?(?::([^/?#:\]]*))?(?:[/?#]|$)/.exec(scheme[1]!)?.[1]
  return port === undefined || /^\d*$/.test(port)
}

function isEmail(text: string): boolean {
  const bare = /^[^<>]*<([^<>]+)>\s*$/.exec(text)?.[1] ?? text.trim()
  return /^(?:[^\s@<>()[\],;:\\"]+|"(?:[^"\\]|\\.)*")@(?:[^\s@<>()[\],;:\\"]+|\[[^\]]*\])$/.test(bare) && !/^\.|\.\.|\.@|@\.|\.$/.test(bare)
}

function isDate(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!found) return false
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])]
  if (month < 1 || month > 12 || day < 1) return false
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!
}

function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t')
  if (time === undefined || text.length < 4 || !isDate(date)) return false
  const found = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:.[0-9]+)?(?:z|[+-][0-9]{2}:[0-9]{2})$/.exec(time)
  return found !== null && found[1]! <= '23' && found[2]! <= '59' && found[3]! <= '59'
}

const goDuration = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/
const scalaUnits = new Set([
  'ns', 'nano', 'us', 'µs', 'micro', 'ms', 'milli', 's', 'sec', 'm', 'min', 'h', 'hr', 'hour', 'd', 'day', 'w', 'wk', 'week',
])
const scalaPrefixes = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week']

/** Go's durations, and Scala's: `22 ns`, `3 days`. */
function isDuration(text: string): boolean {
  if (text === '0' || text === '+0' || text === '-0' || goDuration.test(text)) return true
  for (const [, unit = ''] of text.matchAll(/\d+\s*([A-Za-zµ]+)/g)) {
    const lower = unit.toLowerCase()
    if (scalaUnits.has(lower) || scalaPrefixes.some((prefix) => lower.startsWith(prefix))) return true
  }
  return false
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, '')
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < 10; i++) sum += (i + 1) * (digits[i] === 'X' ? 10 : Number(digits[i]))
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, '')
  if (!/^\d{13}$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < 13; i++) sum += Number(digits[i]) * (i % 2 === 0 ? 1 : 3)
  return sum % 10 === 0
}

function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/[^0-9]+/g, '')
  if (!/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    sum += i % 2 === 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}
