import type { FieldErrors } from '#apimachinery/field-errors'
import { byteLength } from '#apimachinery/names'
import { driverName } from './names'
import type { OpaqueDeviceConfiguration } from './types'

/** Bytes of what a driver alone understands. */
const longestParameters = 10 * 1024

/** `stored`: it was there before its length was limited, and may stay. */
export function validateConfiguration({ opaque }: { opaque?: OpaqueDeviceConfiguration }, errors: FieldErrors, stored = false): void {
  if (!opaque) return errors.at('opaque').required()
  const at = errors.at('opaque')
  driverName(opaque.driver, at)
  validateRaw(at.at('parameters'), opaque.parameters, stored ? Infinity : longestParameters)
}

/** A JSON object of any content. */
export function validateRaw(errors: FieldErrors, value: unknown, longest: number): void {
  if (value === undefined || value === null) return errors.required()
  if (byteLength(JSON.stringify(value)) > longest) return errors.tooLong(longest)
  if (typeof value !== 'object' || Array.isArray(value)) errors.invalid('<value omitted>', 'must be a valid JSON object')
}
