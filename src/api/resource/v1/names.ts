// How drivers, pools, devices and their attributes are named.
import type { FieldErrors } from '#apimachinery/field-errors'
import { isCIdentifier, isDns1123Label, isDns1123Subdomain } from '#apimachinery/names'
import { validateDriverName } from '../../core/v1/volume-validation'

/** Of an attribute or a capacity: a domain, a slash and an identifier. */
export const longestAttributeName = 63 + 1 + 32
const longestIdentifier = 32
const longestPoolName = 253

/** `errors` are those of the value itself, in all of these. */
export function reportAll(errors: FieldErrors, value: string, messages: readonly string[]): void {
  for (const message of messages) errors.invalid(value, message)
}
export const label = (errors: FieldErrors, value: string): void => reportAll(errors, value, isDns1123Label(value))

/** Names of one or more parts with slashes between them. */
export function poolName(errors: FieldErrors, field: string, name: string): void {
  if (name === '') return errors.at(field).required()
  if (name.length > longestPoolName) errors.at(field).tooLong(longestPoolName)
  for (const part of name.split('/')) reportAll(errors.at(field), part, isDns1123Subdomain(part))
}

function identifier(errors: FieldErrors, id: string): void {
  if (id.length > longestIdentifier) errors.tooLong(longestIdentifier)
  reportAll(errors, id, isCIdentifier(id))
}

function domain(errors: FieldErrors, name: string): void {
  if (name.length > 63) errors.tooLong(63)
  reportAll(errors, name, isDns1123Subdomain(name.toLowerCase()))
}

/** `model` or `gpu.example.com/model`. More than one slash is let through, as in the original. */
export function attributeName(errors: FieldErrors, name: string): void {
  const [first = '', second, ...more] = name.split('/')
  if (second === undefined) return identifier(errors, first)
  if (more.length > 0) return
  if (first === '') errors.invalid('', 'the domain must not be empty')
  else domain(errors, first)
  if (second === '') errors.invalid('', 'the name must not be empty')
  else identifier(errors, second)
}

export function fullAttributeName(errors: FieldErrors, name: string): void {
  attributeName(errors, name)
  if (!name.includes('/')) errors.invalid(name, 'a fully qualified name must be a domain and a name separated by a slash')
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Of one share of a device that several claims have. */
export function shareId(errors: FieldErrors, id: string): void {
  if (uuid.test(id)) return
  if (uuid.test(id.toLowerCase()) || /^(urn:uuid:|\{)?[0-9a-fA-F-]{32,36}\}?$/.test(id)) {
    errors.invalid(id, 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters')
  } else errors.invalid(id, `error validating uid: ${[32, 36, 38, 45].includes(id.length) ? 'invalid UUID format' : `invalid UUID length: ${id.length}`}`)
}

export { validateDriverName as driverName }
