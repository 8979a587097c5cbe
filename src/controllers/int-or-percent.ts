import type { IntOrString } from '#apimachinery/meta/v1/scalars'

/** A number as it is, `25%` as that share of `total`, rounded up or down. */
export function scaled(value: IntOrString | undefined, total: number, round: 'up' | 'down'): number {
  if (value === undefined) return 0
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(value)
  if (!percent) throw new Error(`invalid value for IntOrString: invalid type: string is not a percentage: ${JSON.stringify(value)}`)
  const share = (Number(percent[1]) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
