/** Sizes and costs have bounds; unsigned 64-bit numbers in the original, which stop at their largest. */
export interface Range {
  readonly min: number
  readonly max: number
}

export const largest = 2 ** 64
const capped = (value: number): number => (value > largest ? largest : value)

export const exactly = (size: number): Range => ({ min: size, max: size })
export const anySize: Range = { min: 0, max: largest }

export const plus = (a: Range, b: Range): Range => ({ min: capped(a.min + b.min), max: capped(a.max + b.max) })
export const times = (a: Range, b: Range): Range => ({ min: capped(a.min * b.min), max: capped(a.max * b.max) })
/** Rounded up. */
export const scaled = ({ min, max }: Range, factor: number): Range => ({ min: capped(Math.ceil(min * factor)), max: capped(Math.ceil(max * factor)) })
export const union = (a: Range, b: Range): Range => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) })
