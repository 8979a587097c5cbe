import { ApiError } from '#apimachinery/api-error'
import type { Kind } from '../kinds'
import { isOn } from '../request-path'
import type { Form } from './form'
import { jsonForm } from './json-form'
import { protobufForm } from './protobuf-form'
import { hasMessage } from './protobuf-kinds'
import { textForm } from './text-form'
import type { As, IncludeObject, Shape } from './transforms'

const accepted = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'

type Format = 'json' | 'yaml' | 'protobuf'

interface Wish {
  readonly type: Format
  readonly as: As
  readonly version?: 'v1' | 'v1beta1'
  /** What was asked for by name: a list's form of one object is refused, and the other way round. */
  readonly name?: 'PartialObjectMetadata' | 'PartialObjectMetadataList'
}

/** What an `Accept` header comes to; requests of one client all send the same, so answers are kept. */
const known = new Map<string, Wish | undefined>()

function wishOf(accept: string, shapes: boolean, messages: boolean): Wish | undefined {
  if (accept === '' || accept === 'application/json' || accept === '*/*') return plain
  const key = `${shapes} ${messages} ${accept}`
  if (known.has(key)) return known.get(key)
  const wish = parse(accept, shapes, messages)
  if (known.size < 1000) known.set(key, wish)
  return wish
}

const plain: Wish = { type: 'json', as: 'object' }

/** `messages`: the kind has a form in protobuf; the metadata of every kind has one, tables have none. */
function parse(accept: string, shapes: boolean, messages: boolean): Wish | undefined {
  const clauses = accept.split(',').map((clause, at) => {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    const given = new Map(parameters.map((p) => p.split('=', 2).map((part) => part.trim()) as [string, string]))
    return { type: type.toLowerCase(), given, q: given.has('q') ? Number(given.get('q')) : 1, at }
  })
  clauses.sort((a, b) => b.q - a.q || a.at - b.at)
  for (const { type, given, q } of clauses) {
    if (q === 0) continue
    const format = formatOf(type)
    if (!format) continue
    const as = given.get('as')
    if (as === undefined) {
      if (format === 'protobuf' && !messages) continue
      return { type: format, as: 'object' }
    }
    if (!shapes || (given.get('g') ?? '') !== 'meta.k8s.io' || !['v1', 'v1beta1'].includes(given.get('v') ?? '')) continue
    const version = given.get('v') as 'v1' | 'v1beta1'
    if (as === 'Table' && format !== 'protobuf') return { type: format, as: 'table', version }
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { type: format, as: 'metadata', version, name: as }
  }
  return undefined
}

function formatOf(type: string): Format | undefined {
  if (type === '*/*' || type === 'application/*' || type === 'application/json') return 'json'
  if (type === 'application/vnd.kubernetes.protobuf') return 'protobuf'
  return type === 'application/yaml' ? 'yaml' : undefined
}

/** Throws 406. `shapes`: tables and partial metadata may be asked for. */
export function negotiate(accept: string | undefined, query: URLSearchParams, kind: Kind | undefined, shapes = true, list = false, agent = ''): { form: Form; shape: Shape } {
  const wish = wishOf(accept ?? '', shapes && kind !== undefined, kind === undefined || hasMessage(kind.resource))
  if (!wish) throw notAcceptable(accept ?? '', list, kind?.resource.customResource !== undefined)
  const pretty = isPretty(query, agent)
  if (wish === plain && !pretty && (!kind || kind.isStorage)) return simple
  if (wish.name && kind) checkShape(wish.name, kind, list, query)
  const shape: Shape = { as: wish.as, version: wish.version ?? 'v1', includeObject: wish.as === 'table' ? readIncludeObject(query) : 'Metadata' }
  if (wish.type === 'json' && !pretty && shape.as === 'object' && (!kind || kind.isStorage)) return simple
  return { shape, form: otherForm(wish.type, shape, pretty) }
}

/** People read what they ask for with such programs, unless they say otherwise. Watches have a line for each event. */
function isPretty(query: URLSearchParams, agent: string): boolean {
  if (query.size > 0) {
    if (isOn(query, 'watch')) return false
    const asked = query.get('pretty')
    if (asked) return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(asked)
  }
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0')
}

/** A type that the router does not know is told otherwise than one that only lacks the wanted form. Custom resources have no router. */
function notAcceptable(accept: string, list: boolean, custom: boolean): ApiError {
  const routable = custom || accept.split(',').some((clause) => ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', '*/*', 'application/*'].includes(clause.split(';')[0]!.trim()))
  if (routable) return new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted}`)
  const streams = list ? ', application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch' : ''
  return new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${accepted}${streams}`, {})
}

/** Watches give single objects. */
function checkShape(name: NonNullable<Wish['name']>, { group, resource }: Kind, list: boolean, query: URLSearchParams): void {
  if (query.size > 0 && isOn(query, 'watch')) return
  const type = `*${group === '' ? 'core' : group.split('.')[0]}.${resource.kind}`
  if (list && name === 'PartialObjectMetadata') throw new ApiError(406, 'NotAcceptable', `you requested PartialObjectMetadata, but the requested object is a list (${type}List)`)
  if (!list && name === 'PartialObjectMetadataList') throw new ApiError(406, 'NotAcceptable', `you requested PartialObjectMetadataList, but the requested object is not a list (${type})`)
}

const simple: { form: Form; shape: Shape } = { form: jsonForm, shape: { as: 'object', includeObject: 'Metadata', version: 'v1' } }

function readIncludeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? ''
  if (value === '' || value === 'Metadata') return 'Metadata'
  if (value === 'Object' || value === 'None') return value
  throw new ApiError(400, 'BadRequest', `unrecognized includeObject value: ${JSON.stringify(value)}`)
}

const forms = new Map<string, Form>()

function otherForm(type: Format, shape: Shape, pretty: boolean): Form {
  const key = `${type} ${shape.as} ${shape.includeObject} ${shape.version} ${pretty}`
  let form = forms.get(key)
  if (!form) {
    form = type === 'protobuf' ? protobufForm(shape) : textForm({
      shape,
      contentType: `application/${type}`,
      streamType: 'application/json',
      write: type === 'yaml' ? yaml : pretty ? (value) => JSON.stringify(value, null, 2) : JSON.stringify,
      now: Date.now,
      ...(type === 'yaml' ? { prepare: loadYaml } : {}),
    })
    forms.set(key, form)
  }
  return form
}

let library: typeof import('yaml') | undefined

/** The library is loaded by the first who wants YAML; the listener waits for it before it writes. */
const loadYaml = (): Promise<void> | undefined => (library ? undefined : import('yaml').then((loaded) => void (library = loaded)))

const yaml = (value: unknown): string => library!.stringify(value, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0, sortMapEntries: true, indentSeq: false })
