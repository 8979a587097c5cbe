import type { Quantity } from '#apimachinery/meta/v1/scalars'

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
}
const form = /^([+-]?[0-9.]+)(?:([eE][+-]?[0-9]+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/

/** A quantity as a plain number, good for cgroups and comparisons (53 bits); the API's exact arithmetic is not needed here. */
export function amount(quantity: Quantity | undefined): number {
  if (quantity === undefined) return 0
  const match = form.exec(quantity)
  if (!match) throw new Error(`"${quantity}" is no quantity`)
  return match[2] ? Number(match[1] + match[2]) : Number(match[1]) * suffixes[match[3] ?? '']!
}

/** Thousandths, rounded up as the original does. */
export function milli(quantity: Quantity | undefined): number {
  return Math.ceil(roundNoise(amount(quantity) * 1000))
}

/** Whole units (bytes), rounded up. */
export function whole(quantity: Quantity | undefined): number {
  return Math.ceil(roundNoise(amount(quantity)))
}

/** 0.1 * 3 is a hair more than 0.3: that hair must not round up. */
function roundNoise(value: number): number {
  const near = Math.round(value)
  return Math.abs(value - near) < 1e-6 * Math.max(1, Math.abs(near) * 1e-6) ? near : value
}
