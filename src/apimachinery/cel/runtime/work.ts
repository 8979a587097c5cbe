import { callTooCostly } from './errors'

/**
 * Joining lists costs one unit whatever their size, since the original shares them; here they are copied. So what is copied is
 * counted apart, and ends as too costly where no honest expression comes: 60 doublings would not end otherwise.
 */
const most = 20_000_000
let done = 0

export function work(items: number): void {
  done += items
  if (done > most) callTooCostly()
}

/** Evaluates with a count of its own. */
export function counted<T>(evaluate: () => T): T {
  const before = done
  done = 0
  try {
    return evaluate()
  } finally {
    done = before
  }
}
