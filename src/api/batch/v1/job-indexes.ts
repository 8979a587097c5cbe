interface Interval {
  readonly from: number
  readonly to: number
}

/** How many indexes a text such as `1,3-5,7` names, or why it is wrong. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let last = -1
  let total = 0
  for (const fragment of text.split(',')) {
    const interval = intervalOf(fragment, completions)
    if (typeof interval === 'string') return interval
    if (last >= interval.from) return `non-increasing order, previous: ${last}, current: ${interval.from}`
    total += interval.to - interval.from + 1
    last = interval.to
  }
  return total
}

/** The first index that both texts name. What cannot be read is left to who counts them. */
export function overlap(a: string, b: string, completions: number): number | undefined {
  const [left, right] = [intervalsOf(a, completions), intervalsOf(b, completions)]
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const [x, y] = [left[i]!, right[j]!]
    if (x.from <= y.to && y.from <= x.to) return Math.max(x.from, y.from)
    if (x.from <= y.from) i++
    else j++
  }
  return undefined
}

const intervalsOf = (text: string, completions: number): Interval[] =>
  text === '' ? [] : text.split(',').map((fragment) => intervalOf(fragment, completions)).filter((one) => typeof one !== 'string')

function intervalOf(fragment: string, completions: number): Interval | string {
  const limits = fragment.split('-')
  if (limits.length > 2) return `the fragment ${JSON.stringify(fragment)} violates the requirement that an index interval can have at most two parts separated by '-'`
  for (const limit of limits) {
    if (!/^[+]?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`
    if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`
  }
  const [from, to = from] = limits.map(Number) as [number, number?]
  return limits.length === 2 && from >= to ? `non-increasing order, previous: ${from}, current: ${to}` : { from, to }
}
