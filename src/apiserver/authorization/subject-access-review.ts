import type { FieldSelectorRequirement, LabelSelectorRequirement } from '#apimachinery/meta/v1/types'
import type { NonResourceAttributes, ResourceAttributes, SubjectAccessReviewSpec } from '#api/authorization/v1/types'
import { parseFieldSelector } from '#apimachinery/selectors/field-selector'
import { parseLabelSelector, SelectorError } from '#apimachinery/selectors/label-selector'
import type { Attributes } from './authorizer'

/** A question as a review asks it: what webhooks are sent, and what their conditions look at. */
export function reviewSpecOf(attributes: Attributes): SubjectAccessReviewSpec {
  const { user, isResource } = attributes
  const { name, groups, uid, extra } = user
  return {
    ...(isResource ? { resourceAttributes: resourceAttributesOf(attributes) } : { nonResourceAttributes: dropEmpty({ path: attributes.path, verb: attributes.verb }) as NonResourceAttributes }),
    ...(name ? { user: name } : {}), ...(groups.length > 0 ? { groups: [...groups] } : {}),
    ...(extra && Object.keys(extra).length > 0 ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) } : {}), ...(uid ? { uid } : {}),
  }
}

function resourceAttributesOf({ namespace, verb, group, version, resource, subresource, name, fieldSelector, labelSelector }: Attributes): ResourceAttributes {
  const fields = fieldRequirements(fieldSelector)
  const labels = labelRequirements(labelSelector)
  return {
    ...dropEmpty({ namespace, verb, group, version, resource, subresource, name }),
    ...(fields.length > 0 ? { fieldSelector: { requirements: fields } } : {}), ...(labels.length > 0 ? { labelSelector: { requirements: labels } } : {}),
  }
}

function dropEmpty<T extends Record<string, string>>(texts: T): Partial<T> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')) as Partial<T>
}

/** None for a selector that cannot be read: the question is then the broader one. */
export function fieldRequirements(selector: string | undefined): FieldSelectorRequirement[] {
  return readable(() => (selector ? parseFieldSelector(selector) : [])).map(({ field, operator, value }) => ({ key: field, operator: operator === '=' ? 'In' : 'NotIn', values: [value] }))
}

const operators: Readonly<Record<string, string>> = { '=': 'In', '==': 'In', 'in': 'In', '!=': 'NotIn', 'notin': 'NotIn', 'exists': 'Exists', '!': 'DoesNotExist' }

export function labelRequirements(selector: string | undefined): LabelSelectorRequirement[] {
  return readable(() => (selector ? parseLabelSelector(selector).requirements : [])).flatMap(({ key, operator, values }) => {
    const sort = operators[operator]
    return sort ? [{ key, operator: sort, ...(values.length > 0 ? { values: [...values] } : {}) }] : []
  })
}

function readable<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof SelectorError) return []
    throw error
  }
}
