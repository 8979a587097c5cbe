/**
 * Does something `count` times in batches of 1, 2, 4, ..., each only after the one before worked: what refuses the first
 * (a quota, a webhook) is not asked a thousand times. Returns how often it worked, and the first error.
 */
export async function slowStart(count: number, work: (index: number) => Promise<void>): Promise<{ done: number; error?: unknown }> {
  let done = 0
  for (let size = Math.min(1, count), started = 0; size > 0; size = Math.min(2 * size, count - started)) {
    const from = started
    started += size
    const results = await Promise.allSettled(Array.from({ length: size }, (_, index) => work(from + index)))
    let error: { reason: unknown } | undefined
    for (const result of results) {
      if (result.status === 'fulfilled') done++
      else error ??= { reason: result.reason as unknown }
    }
    if (error) return { done, error: error.reason }
  }
  return { done }
}
