import type { FieldErrors } from '#apimachinery/field-errors'
import { internalAttribute } from './internal-form'
import type { DeviceAttribute } from './types'

const longestValue = 64
const number = '(0|[1-9]\\d*)'
const before = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const build = '[0-9a-zA-Z-]+'
const semver = new RegExp(`^${number}\\.${number}\\.${number}(-${before}(\\.${before})*)?(\\+${build}(\\.${build})*)?$`)

const lists = ['bools', 'ints', 'strings', 'versions'] as const

/** How many values a device's attributes have, items of lists counted singly. */
export const countValues = (attributes: Readonly<Record<string, DeviceAttribute>>): number =>
  Object.values(attributes).reduce((sum, attribute) => sum + (lists.reduce((items, list) => items + (attribute[list]?.length ?? 0), 0) || 1), 0)

export const hasLists = (attributes: Readonly<Record<string, DeviceAttribute>>): boolean => Object.values(attributes).some((attribute) => lists.some((list) => attribute[list] !== undefined))

/** A value of exactly one sort. */
export function validateAttribute(attribute: DeviceAttribute, errors: FieldErrors): void {
  if (attribute.string !== undefined) validateText(attribute.string, errors.at('string'))
  if (attribute.version !== undefined) validateVersion(attribute.version, errors.at('version'))
  for (const list of lists) if (attribute[list]?.length === 0) errors.at(list).invalid(attribute[list], 'must not be empty if specified')
  for (const [i, text] of (attribute.strings ?? []).entries()) validateText(text, errors.at('strings', i))
  for (const [i, text] of (attribute.versions ?? []).entries()) validateVersion(text, errors.at('versions', i))
  const given = Object.values(attribute).filter((value) => value !== undefined && value !== null).length
  if (given !== 1) errors.invalid(given === 0 ? '' : internalAttribute(attribute), 'exactly one value must be specified')
}

function validateText(text: string, errors: FieldErrors): void {
  if (text.length > longestValue) errors.tooLong(longestValue)
}
function validateVersion(text: string, errors: FieldErrors): void {
  if (!semver.test(text)) errors.invalid(text, 'must be a string compatible with semver.org spec 2.0.0')
  validateText(text, errors)
}
