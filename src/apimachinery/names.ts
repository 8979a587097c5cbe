// Rules for names. Each returns messages, none when the value is fine; the texts are Kubernetes' own.

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const underscored = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const underscoredSubdomain = `${underscored}(\\.${underscored})*`
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const wildcard = `\\*\\.${subdomain}`
const labelKey = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${labelKey})?`
const identifier = '[A-Za-z_][A-Za-z0-9_]*'
const configKey = '[-._a-zA-Z0-9]+'
const envVar = '[-._a-zA-Z][-._a-zA-Z0-9]*'
const headerName = '[-A-Za-z0-9]+'
const percent = '[0-9]+%'
const httpPath = `[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+`

// Go's $ is the end of the text, and so is JavaScript's without the m flag.
const whole = (pattern: string, flags = ''): RegExp => new RegExp(`^(?:${pattern})$`, flags)
const labelRegExp = whole(label)
const subdomainRegExp = whole(subdomain)
const caselessSubdomainRegExp = whole(subdomain, 'i')
const underscoredSubdomainRegExp = whole(underscoredSubdomain)
const label1035RegExp = whole(label1035)
const wildcardRegExp = whole(wildcard)
const labelKeyRegExp = whole(labelKey)
const labelValueRegExp = whole(labelValue)
const identifierRegExp = whole(identifier)
const configKeyRegExp = whole(configKey)
const envVarRegExp = whole(envVar)
const headerNameRegExp = whole(headerName)
const percentRegExp = whole(percent)
const httpPathRegExp = whole(httpPath)

const none = Object.freeze<string[]>([]) as string[]

/** `must consist of … (e.g. 'a', or 'b', regex used for validation is '…')`. */
export function regexError(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`
  return `${message} (e.g. ${examples.map((e) => `'${e}', `).join(' or ')}regex used for validation is '${pattern}')`
}
export const inclusiveRangeError = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`
const tooLong = (length: number, unit: 'characters' | 'bytes'): string => `must be no more than ${length} ${unit}`

/** Lengths count UTF-8 bytes, as in Go. */
export function byteLength(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) continue
    // Either half of a surrogate pair adds one: four bytes for two units.
    length += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2
  }
  return length
}
const longer = (value: string, max: number): boolean => value.length > max || (value.length * 3 > max && byteLength(value) > max)

export function isDns1123Label(value: string): string[] {
  const long = longer(value, 63)
  if (labelRegExp.test(value)) return long ? [tooLong(63, 'characters')] : none
  const text = subdomainRegExp.test(value)
    ? 'must not contain dots'
    : regexError(`a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`, label, 'my-name', '123-abc')
  return long ? [tooLong(63, 'characters'), text] : [text]
}

export const isDns1123Subdomain = (value: string): string[] => subdomainMessages(value, 'characters')

function subdomainMessages(value: string, unit: 'characters' | 'bytes'): string[] {
  const long = longer(value, 253)
  if (subdomainRegExp.test(value)) return long ? [tooLong(253, unit)] : none
  const text = regexError(
    `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
    subdomain, 'example.com',
  )
  return long ? [tooLong(253, unit), text] : [text]
}

/** Upper case is fine too. */
export function isDns1123SubdomainCaseless(value: string): string[] {
  return messages(value, 253, 'bytes', caselessSubdomainRegExp,
    `an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`, subdomain, ['Example.com'])
}

export function isDns1123SubdomainWithUnderscore(value: string): string[] {
  return messages(value, 253, 'characters', underscoredSubdomainRegExp,
    `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character`,
    underscoredSubdomain, ['example.com'])
}

export function isDns1035Label(value: string): string[] {
  return messages(value, 63, 'characters', label1035RegExp,
    `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character`,
    label1035, ['my-name', 'abc-123'])
}

export function isWildcardDns1123Subdomain(value: string): string[] {
  return messages(value, 253, 'characters', wildcardRegExp,
    `a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character`,
    wildcard, ['*.example.com'])
}

function messages(value: string, max: number, unit: 'characters' | 'bytes', pattern: RegExp, text: string, shown: string, examples: string[]): string[] {
  const found: string[] = []
  if (longer(value, max)) found.push(tooLong(max, unit))
  if (!pattern.test(value)) found.push(regexError(text, shown, ...examples))
  return found
}

const labelKeyText = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`
const labelKeyHint = regexError(labelKeyText, labelKey, 'MyName', 'my.name', '123-abc')

/** A label's key, an annotation's, a finalizer, a condition's type: `name` or `example.com/name`. */
export function isQualifiedName(value: string): string[] {
  const slash = value.indexOf('/')
  if (slash < 0) return labelKeyRegExp.test(value) && value.length <= 63 ? none : namePart(value, [])
  if (value.includes('/', slash + 1)) return [`a valid label key ${labelKeyHint} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const prefix = value.slice(0, slash)
  const found = prefix === '' ? ['prefix part must be non-empty'] : subdomainMessages(prefix, 'bytes').map((message) => `prefix part ${message}`)
  return namePart(value.slice(slash + 1), found)
}

function namePart(name: string, found: string[]): string[] {
  if (name === '') found.push('name part must be non-empty')
  else if (longer(name, 63)) found.push(`name part ${tooLong(63, 'bytes')}`)
  if (!labelKeyRegExp.test(name)) found.push(`name part ${labelKeyHint}`)
  return found
}

export function isLabelValue(value: string): string[] {
  if (value.length <= 63 && labelValueRegExp.test(value)) return none
  return messages(value, 63, 'bytes', labelValueRegExp,
    `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
    labelValue, ['MyValue', 'my_value', '12345'])
}

export function isCIdentifier(value: string): string[] {
  if (identifierRegExp.test(value)) return none
  return [regexError(`a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'`, identifier, 'my_name', 'MY_NAME', 'MyName')]
}

export const isPortNumber = (port: number): string[] => (port >= 1 && port <= 65535 ? none : [inclusiveRangeError(1, 65535)])
export const isInRange = (value: number, low: number, high: number): string[] => (value >= low && value <= high ? none : [inclusiveRangeError(low, high)])
export const isUserId = (id: number): string[] => isInRange(id, 0, 2147483647)
export const isGroupId = isUserId

export function isPortName(port: string): string[] {
  const found: string[] = []
  if (longer(port, 15)) found.push(tooLong(15, 'characters'))
  if (!/^[-a-z0-9]+$/.test(port)) found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(port)) found.push('must contain at least one letter (a-z)')
  if (port.includes('--')) found.push('must not contain consecutive hyphens')
  if (port.startsWith('-') || port.endsWith('-')) found.push('must not begin or end with a hyphen')
  return found
}

export function isPercent(value: string): string[] {
  return percentRegExp.test(value) ? none : [regexError(`a valid percent string must be a numeric string followed by an ending '%'`, percent, '1%', '93%')]
}

export function isHttpHeaderName(value: string): string[] {
  return headerNameRegExp.test(value) ? none : [regexError(`a valid HTTP header must consist of alphanumeric characters or '-'`, headerName, 'X-Header-Name')]
}

export function isEnvVarName(value: string): string[] {
  const text = `a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit`
  const found = envVarRegExp.test(value) ? [] : [regexError(text, envVar, 'my.env-name', 'MY_ENV.NAME', 'MyEnvName1')]
  return parentDirectory(value, found)
}

/** What environment variables may be called since 1.34: anything printable but `=`. */
export function isRelaxedEnvVarName(value: string): string[] {
  if (value === '') return ['environment variable name must be non-empty']
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(value) ? none : [`a valid environment variable name must consist only of printable ASCII characters other than '='`]
}

export function isConfigMapKey(value: string): string[] {
  const text = `a valid config key must consist of alphanumeric characters, '-', '_' or '.'`
  return parentDirectory(value, messages(value, 253, 'characters', configKeyRegExp, text, configKey, ['key.name', 'KEY_NAME', 'key-name']))
}

function parentDirectory(value: string, found: string[]): string[] {
  if (value === '.') found.push(`must not be '.'`)
  else if (value === '..') found.push(`must not be '..'`)
  else if (value.startsWith('..')) found.push(`must not start with '..'`)
  return found
}

/** May stand as a segment of a URL's path: what kinds with free names (roles, bindings) use. */
export function isPathSegmentName(name: string, prefix = false): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  const found: string[] = []
  for (const illegal of ['/', '%']) if (name.includes(illegal)) found.push(`may not contain '${illegal}'`)
  return found
}

/** A DNS name of at least three labels. `value` empty is for the caller to refuse. */
export function isFullyQualifiedName(value: string): string[] {
  const found = isDns1123Subdomain(value)
  if (found.length > 0) return [found.join(',')]
  return value.split('.').length < 3 ? ['should be a domain with at least three segments separated by dots'] : none
}

/** A DNS name of at least two labels, with or without the closing dot. Returns the part that is wrong with each message. */
export function isFullyQualifiedDomainName(value: string): { value: string; message: string }[] {
  const name = value.endsWith('.') ? value.slice(0, -1) : value
  const found = isDns1123Subdomain(name)
  if (found.length > 0) return [{ value: name, message: found.join(',') }]
  const labels = name.split('.')
  if (labels.length < 2) return [{ value: name, message: 'should be a domain with at least two segments separated by dots' }]
  for (const part of labels) {
    const wrong = isDns1123Label(part)
    if (wrong.length > 0) return [{ value: part, message: wrong.join(',') }]
  }
  return []
}

/** `example.com/path`: returns the part that is wrong with each message. */
export function isDomainPrefixedPath(value: string): { value: string; message: string }[] {
  const slash = value.indexOf('/')
  if (slash <= 0 || slash === value.length - 1) return [{ value, message: 'must be a domain-prefixed path (such as "acme.io/foo")' }]
  const host = value.slice(0, slash)
  const path = value.slice(slash + 1)
  const found = isDns1123Subdomain(host).map((message) => ({ value: host, message }))
  if (!httpPathRegExp.test(path)) found.push({ value: path, message: regexError('Invalid path', httpPath) })
  return found
}

/** A rule for names of objects. `prefix`: the value is a generateName, to which letters are still added. */
export type NameRule = (name: string, prefix: boolean) => string[]

/** A dash at the end of a generateName is followed by more. The letter before it goes unchecked, as in the original. */
const masked = (name: string, prefix: boolean): string => (prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name)
export const nameIsDnsSubdomain: NameRule = (name, prefix) => isDns1123Subdomain(masked(name, prefix))
/** Of kinds that look at names alone, whatever they were generated from. */
export const wholeNameIsDnsSubdomain: NameRule = (name, prefix) => (prefix ? none : isDns1123Subdomain(name))
export const nameIsDnsLabel: NameRule = (name, prefix) => isDns1123Label(masked(name, prefix))
export const nameIsDns1035Label: NameRule = (name, prefix) => isDns1035Label(masked(name, prefix))
export const nameIsPathSegment: NameRule = (name, prefix) => isPathSegmentName(name, prefix)
