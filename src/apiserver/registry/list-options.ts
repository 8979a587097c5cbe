import { badRequest, invalid } from '#apimachinery/api-error'
import { FieldErrors } from '#apimachinery/field-errors'
import { isOn } from '../request-path'

/** The query of a list or a watch. */
export interface ListOptions {
  readonly labelSelector: string
  readonly fieldSelector: string
  readonly watch: boolean
  readonly allowWatchBookmarks: boolean
  readonly sendInitialEvents: boolean | undefined
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
  readonly timeoutSeconds: number | undefined
  readonly limit: number
  readonly continue: string
}

const none: ListOptions = {
  labelSelector: '', fieldSelector: '', watch: false, allowWatchBookmarks: false, sendInitialEvents: undefined, resourceVersion: '', resourceVersionMatch: '',
  timeoutSeconds: undefined, limit: 0, continue: '',
}

/** Throws 400 for what is no number, 422 for combinations that make no sense. */
export function readListOptions(query: URLSearchParams, watch: boolean): ListOptions {
  if (query.size === 0 && !watch) return none
  const options: ListOptions = {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    watch,
    allowWatchBookmarks: isOn(query, 'allowWatchBookmarks'),
    sendInitialEvents: query.has('sendInitialEvents') ? isOn(query, 'sendInitialEvents') : undefined,
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    timeoutSeconds: integer(query, 'timeoutSeconds'),
    limit: integer(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
  }
  validate(options)
  return options
}

export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  const value = BigInt(text)
  if (value !== BigInt.asIntN(64, value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  return Number(value)
}

const forbiddenForContinue = 'resourceVersionMatch is forbidden when continue is provided'

function validate(options: ListOptions): void {
  const errors = new FieldErrors()
  const match = options.resourceVersionMatch
  if (options.watch) validateWatch(options, errors)
  else {
    if (match !== '') {
      if (options.resourceVersion === '') errors.at('resourceVersionMatch').forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided')
      if (options.continue !== '') errors.at('resourceVersionMatch').forbidden(forbiddenForContinue)
      if (match !== 'Exact' && match !== 'NotOlderThan') errors.at('resourceVersionMatch').notSupported(match, ['Exact', 'NotOlderThan', ''])
      if (match === 'Exact' && options.resourceVersion === '0') {
        errors.at('resourceVersionMatch').forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
      }
    }
    if (options.sendInitialEvents !== undefined) errors.at('sendInitialEvents').forbidden('sendInitialEvents is forbidden for list')
  }
  if (errors.any) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors.all)
}

function validateWatch({ sendInitialEvents, resourceVersionMatch: match, continue: next }: ListOptions, errors: FieldErrors): void {
  const here = errors.at('resourceVersionMatch')
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') here.forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  if (match === '') return
  if (sendInitialEvents === undefined) here.forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
  if (match !== 'NotOlderThan') here.notSupported(match, ['NotOlderThan'])
  if (next !== '') here.forbidden(forbiddenForContinue)
}
