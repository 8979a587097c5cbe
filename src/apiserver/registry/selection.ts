import { badRequest } from '#apimachinery/api-error'
import type { Resource } from '#apimachinery/resource'
import { parseFieldSelector } from '#apimachinery/selectors/field-selector'
import { formatLabelSelector, matchesLabels, parseLabelSelector, requiredPairs, SelectorError } from '#apimachinery/selectors/label-selector'
import { labelsOf } from '../cache/entry'
import { filterOf, type FieldTerm, type Filter, type LabelMatcher } from '../cache/filter'
import type { Kind } from '../kinds'

const wholeCluster = new WeakMap<Resource, Map<string, Filter>>()

/** What a request's selectors ask for. Throws 400 for what cannot be read or is not served for the kind. */
export function readSelection(kind: Kind, namespace: string, labelSelector: string, fieldSelector: string, name = ''): Filter {
  const { resource } = kind
  if (labelSelector === '' && fieldSelector === '' && name === '') return unselected(resource, namespace)
  const fields = fieldSelector === '' ? [] : readFields(kind, fieldSelector)
  if (name !== '') {
    const named = fields.find((term) => term.field === 'metadata.name' && term.equal)
    if (fields.length > 0 && named?.value !== name) throw badRequest("fieldSelector metadata.name doesn't match requested name")
    if (fields.length === 0) fields.push({ field: 'metadata.name', equal: true, value: name })
  }
  const labels = labelSelector === '' ? undefined : readLabels(labelSelector)
  return filterOf(resource, { namespace, labels, fields }, (entry) => labelsOf(resource, entry))
}

/** By far the most common question: one object for each namespace. */
function unselected(resource: Resource, namespace: string): Filter {
  let known = wholeCluster.get(resource)
  if (!known) wholeCluster.set(resource, (known = new Map<string, Filter>()))
  let filter = known.get(namespace)
  if (!filter) known.set(namespace, (filter = filterOf(resource, { namespace }, (entry) => labelsOf(resource, entry))))
  return filter
}

function readLabels(text: string): LabelMatcher | undefined {
  try {
    const selector = parseLabelSelector(text)
    if (selector.requirements.length === 0) return undefined
    return {
      text: formatLabelSelector(selector),
      matches: (labels) => matchesLabels(selector, labels),
      equalities: requiredPairs(selector).map(([key, value]) => ({ key, value })),
    }
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}

/** Kinds with fields of their own say it otherwise than those with none. */
function notSelectable({ kind, group, selectableFields, customResource }: Resource, field: string): string {
  if (!customResource && Object.keys(selectableFields ?? {}).length === 0) return `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
  if (kind === 'Job' && group === 'batch') return `field label ${JSON.stringify(field)} not supported for Job`
  return `field label not supported: ${field}`
}

function isSelectable({ resource, served }: Kind, field: string): boolean {
  if (field === 'metadata.name' || field === 'metadata.namespace') return true
  return resource.selectableFields?.[field] !== undefined && (served.selectableFields?.includes(field) ?? true)
}

function readFields(kind: Kind, text: string): FieldTerm[] {
  const { resource } = kind
  try {
    return [...parseFieldSelector(text)].map(({ field, operator, value }) => {
      if (!isSelectable(kind, field)) {
        throw badRequest(notSelectable(resource, field))
      }
      return { field, value, equal: operator === '=' }
    })
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}
