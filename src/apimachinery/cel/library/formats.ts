import { isLabelValue, isQualifiedName, nameIsDns1035Label, nameIsDnsLabel, nameIsDnsSubdomain } from '../../names'
import { formatCheck } from '../../schema/validation/formats'
import { Opaque, Optional } from '../runtime/values'
import { parseGoUrl } from './go-url'
import { each, type FunctionDeclaration } from './overload'

class Format extends Opaque {
  readonly typeName = 'kubernetes.NamedFormat'
  readonly name: string
  /** What judging a text is reckoned to cost: the length of a pattern that would. */
  readonly maxRegexSize: number
  readonly faults: (text: string) => readonly string[]
  constructor(name: string, maxRegexSize: number, faults: (text: string) => readonly string[]) {
    super()
    this.name = name
    this.maxRegexSize = maxRegexSize
    this.faults = faults
  }
  equals(other: Opaque): boolean {
    return (other as Format).name === this.name
  }
}

const known = (format: string, message: string) => (text: string): readonly string[] => (formatCheck(format)!(text) ? [] : [message])

const formats = new Map<string, Format>(([
  ['dns1123Label', 30, (text) => nameIsDnsLabel(text, false)],
  ['dns1123Subdomain', 60, (text) => nameIsDnsSubdomain(text, false)],
  ['dns1035Label', 30, (text) => nameIsDns1035Label(text, false)],
  ['qualifiedName', 60, isQualifiedName],
  ['dns1123LabelPrefix', 30, (text) => nameIsDnsLabel(text, true)],
  ['dns1123SubdomainPrefix', 60, (text) => nameIsDnsSubdomain(text, true)],
  ['dns1035LabelPrefix', 30, (text) => nameIsDns1035Label(text, true)],
  ['labelValue', 40, isLabelValue],
  ['uri', 1103, (text) => {
    const found = parseGoUrl(text, true)
    return typeof found === 'string' ? [found] : []
  }],
  ['uuid', 70, known('uuid', 'does not match the UUID format')],
  ['byte', 84, known('byte', 'invalid base64')],
  ['date', 71, known('date', 'invalid date')],
  ['datetime', 71, known('datetime', 'invalid datetime')],
] satisfies [string, number, (text: string) => readonly string[]][]).map(([name, size, faults]) => [name, new Format(name, size, faults)]))

export const namedFormats: readonly FunctionDeclaration[] = [
  each('validate', {
    'format-validate': ['kubernetes.NamedFormat.(string) -> optional(list(string))', (format: Format, text: string) => {
      const faults = format.faults(text)
      return faults.length === 0 ? Optional.none : new Optional(faults)
    }],
  }),
  each('format.named', {
    'format-named': ['(string) -> optional(kubernetes.NamedFormat)', (name: string) => {
      const found = formats.get(name)
      return found ? new Optional(found) : Optional.none
    }],
  }),
  ...[...formats].map(([name, format]) => each(`format.${name}`, { [`format.${name}`]: ['() -> kubernetes.NamedFormat', () => format] })),
]
