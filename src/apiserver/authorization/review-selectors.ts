import type { FieldSelectorAttributes, LabelSelectorAttributes, ResourceAttributes } from '#api/authorization/v1/types'
import type { FieldErrors } from '#apimachinery/field-errors'
import type { FieldSelectorRequirement, LabelSelectorRequirement } from '#apimachinery/meta/v1/types'
import { isLabelValue, isQualifiedName } from '#apimachinery/names'
import { formatFieldSelector, parseFieldSelector, type FieldRequirement, type FieldSelector } from '#apimachinery/selectors/field-selector'
import { formatLabelSelector, parseLabelSelector, requirement, SelectorError, type Operator, type Requirement } from '#apimachinery/selectors/label-selector'

/** The selectors that a review asks about, as a request would say them. */
export interface ReviewedSelectors {
  readonly fieldSelector?: string
  readonly labelSelector?: string
  /** What of them could not be read. It is left out: a broader question, never a narrower one. */
  readonly problems: readonly string[]
}

/** What could be read of one selector, and whether all of it could. */
interface Read {
  readonly text: string
  readonly whole: boolean
}

export function selectorsOf({ fieldSelector, labelSelector }: ResourceAttributes): ReviewedSelectors {
  const fields = fieldSelector && readFields(fieldSelector)
  const labels = labelSelector && readLabels(labelSelector)
  const problem = (name: string, read: Read | undefined): string[] =>
    !read || read.whole ? [] : [`spec.resourceAttributes.${name} ${read.text === '' ? '' : 'partially '}ignored due to parse error`]
  return {
    ...(fields?.text ? { fieldSelector: fields.text } : {}), ...(labels?.text ? { labelSelector: labels.text } : {}),
    problems: [...problem('fieldSelector', fields), ...problem('labelSelector', labels)],
  }
}

function readFields({ rawSelector, requirements = [] }: FieldSelectorAttributes): Read {
  if (requirements.length === 0) return readRaw(() => formatFieldSelector(parseFieldSelector(rawSelector ?? '')))
  const known: FieldSelector = requirements.flatMap(({ key, operator, values = [] }): FieldRequirement[] =>
    (operator === 'In' || operator === 'NotIn') && values.length === 1 ? [{ field: key, operator: operator === 'In' ? '=' : '!=', value: values[0]! }] : [])
  return { text: formatFieldSelector(known), whole: known.length === requirements.length }
}

const operators: Readonly<Record<string, Operator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

function readLabels({ rawSelector, requirements = [] }: LabelSelectorAttributes): Read {
  if (requirements.length === 0) return readRaw(() => formatLabelSelector(parseLabelSelector(rawSelector ?? '')))
  const known = requirements.flatMap(({ key, operator, values = [] }): Requirement[] => {
    const sort = operators[operator]
    return sort ? unlessUnreadable(() => [requirement(key, sort, values)], []) : []
  })
  return { text: formatLabelSelector({ nothing: false, requirements: known }), whole: known.length === requirements.length }
}

const readRaw = (read: () => string): Read => unlessUnreadable<Read>(() => ({ text: read(), whole: true }), { text: '', whole: false })

function unlessUnreadable<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof SelectorError) return otherwise
    throw error
  }
}

/** Operators that are not known are let through: a newer client may know more than this server. */
export function validateSelectors({ fieldSelector, labelSelector }: ResourceAttributes, errors: FieldErrors): void {
  if (fieldSelector) {
    const at = errors.at('fieldSelector')
    validateEither(fieldSelector, at)
    for (const [i, one] of (fieldSelector.requirements ?? []).entries()) {
      if (one.key === '') at.at('requirements', i, 'key').required('must be specified')
      validateValues(one, at.at('requirements', i))
    }
  }
  if (labelSelector) {
    const at = errors.at('labelSelector')
    validateEither(labelSelector, at)
    for (const [i, one] of (labelSelector.requirements ?? []).entries()) {
      validateValues(one, at.at('requirements', i))
      for (const message of isQualifiedName(one.key)) at.at('requirements', i, 'key').invalid(one.key, message)
      for (const [j, value] of (one.values ?? []).entries()) for (const message of isLabelValue(value)) at.at('requirements', i, 'values', j).invalid(value, message)
    }
  }
}

function validateEither({ rawSelector, requirements }: FieldSelectorAttributes | LabelSelectorAttributes, at: FieldErrors): void {
  const listed = (requirements?.length ?? 0) > 0
  if (rawSelector && listed) at.at('rawSelector').invalid(rawSelector, 'may not specified at the same time as requirements')
  if (!rawSelector && !listed) at.at('requirements').required(`when ${at.path} is specified, requirements or rawSelector is required`)
}

function validateValues({ operator, values = [] }: FieldSelectorRequirement | LabelSelectorRequirement, at: FieldErrors): void {
  const list = operator === 'In' || operator === 'NotIn'
  if (list && values.length === 0) at.at('values').required("must be specified when `operator` is 'In' or 'NotIn'")
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length > 0) at.at('values').forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
}
