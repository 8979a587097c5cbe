/** A queue between one that pushes and one that iterates; unbounded. */
export interface AsyncQueue<T> extends AsyncIterable<T> {
  push(item: T): void
  /** What was pushed still comes, then the iteration ends, or throws `reason` where one is given. */
  close(reason?: unknown): void
  readonly size: number
}

export function createAsyncQueue<T>(): AsyncQueue<T> {
  let items: T[] = []
  let head = 0
  let closed = false
  let reason: unknown
  let wake: (() => void) | undefined

  const ring = (): void => {
    wake?.()
    wake = undefined
  }

  return {
    get size() {
      return items.length - head
    },
    push(item) {
      if (closed) return
      items.push(item)
      ring()
    },
    close(why) {
      if (closed) return
      closed = true
      reason = why
      ring()
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (head < items.length) {
          const item = items[head++]!
          if (head === items.length) {
            items = []
            head = 0
          }
          yield item
        }
        if (closed) {
          if (reason !== undefined) throw reason as Error
          return
        }
        await new Promise<void>((resolve) => void (wake = resolve))
      }
    },
  }
}
