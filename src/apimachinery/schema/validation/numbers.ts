import { shortestFloat } from '#apimachinery/cel/runtime/go-numbers'
import type { JsonSchema } from '../json-schema'
import type { Check } from './validator'
import { knownFormat } from './formats'

const ranges: Readonly<Record<string, readonly [number, number]>> = { int32: [-(2 ** 31), 2 ** 31 - 1], int64: [-(2 ** 63), 2 ** 63], float: [-3.4028234663852886e38, 3.4028234663852886e38] }

/** `minimum`, `maximum`, `multipleOf` and the range of the format. */
export function numberCheck(schema: JsonSchema): Check | undefined {
  const { multipleOf, minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false, type } = schema
  const format = knownFormat(schema)
  const range = ranges[format] ?? (type === 'integer' ? ranges.int64 : undefined)
  if (multipleOf === undefined && minimum === undefined && maximum === undefined && !range) return undefined
  return (given, report) => {
    const value = given as number
    report.matches++
    if (range && (value < range[0] || value > range[1])) {
      report.general(`Checked value must be of type ${type} ${format === '' ? '(default format)' : `with format ${format}`} in ${report.text()}`)
    }
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) report.invalid(value, `should be a multiple of ${multipleOf}`)
    // Of whole numbers the original asks for whole bounds, and shows them so.
    const asked = Number.isInteger(value) ? Math.trunc : itself
    const shown = Number.isInteger(value) ? String : shortestFloat
    if (minimum !== undefined && (exclusiveMinimum ? value <= asked(minimum) : value < asked(minimum))) {
      report.invalid(value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${shown(asked(minimum))}`)
    }
    if (maximum !== undefined && (exclusiveMaximum ? value >= asked(maximum) : value > asked(maximum))) {
      report.invalid(value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${shown(asked(maximum))}`)
    }
  }
}

const itself = (bound: number): number => bound

/** Whole numbers exactly; of others, what could be a whole number but for how they are rounded. */
function isMultiple(value: number, factor: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(factor)) return value % factor === 0
  const times = factor < 1 ? (1 / factor) * value : value / factor
  const rounded = Math.round(times)
  return times === rounded || Math.abs(times - rounded) < 1e-9 * Math.abs(rounded)
}
