import type { IntOrString } from './meta/v1/scalars'

/** Neither a number nor a percentage. */
export class PercentError extends Error {
  override readonly name = 'PercentError'
}

/** `25%` -> 25; undefined for numbers and other texts. */
export function percentOf(value: IntOrString): number | undefined {
  if (typeof value !== 'string' || !/^[+-]?\d+%$/.test(value)) return undefined
  return Number(value.slice(0, -1))
}

/** A number as it is, a percentage of `total`, rounded up or down. Throws PercentError. */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const percent = percentOf(value)
  if (percent === undefined) {
    const why = value.endsWith('%') ? `invalid value ${JSON.stringify(value)}: strconv.Atoi: parsing ${JSON.stringify(value.slice(0, -1))}: invalid syntax` : 'invalid type: string is not a percentage'
    throw new PercentError(`invalid value for IntOrString: ${why}`)
  }
  const exact = (percent * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}

/** A port by number or by name: the number, or undefined for a name. */
export const portNumber = (value: IntOrString): number | undefined => {
  if (typeof value === 'number') return value
  return /^\d+$/.test(value) ? Number(value) : undefined
}
