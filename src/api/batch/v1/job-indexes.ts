/** How many indexes a text such as `1,3-5,7` names, or why it is wrong. */
export function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let last = -1
  let total = 0
  for (const fragment of text.split(',')) {
    const limits = fragment.split('-')
    if (limits.length > 2) return `the fragment ${JSON.stringify(fragment)} violates the requirement that an index interval can have at most two parts separated by '-'`
    const numbers: number[] = []
    for (const limit of limits) {
      if (!/^[+-]?\d+$/.test(limit)) return `cannot convert string to integer for index: ${JSON.stringify(limit)}`
      if (Number(limit) >= completions) return `too large index: ${JSON.stringify(limit)}`
      numbers.push(Number(limit))
    }
    const [from, to = numbers[0]!] = numbers as [number, number?]
    if (numbers.length === 2 && from >= to) return `non-increasing order, previous: ${from}, current: ${to}`
    if (last >= from) return `non-increasing order, previous: ${last}, current: ${from}`
    total += to - from + 1
    last = to
  }
  return total
}
