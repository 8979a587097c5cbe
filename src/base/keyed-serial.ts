/** Runs tasks of one key one after another, tasks of different keys side by side. */
export interface KeyedSerial {
  /** Settles as the task does. A task that throws does not stop the ones behind it. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>
  /** Settles when nothing is left of what was asked for so far. */
  idle(): Promise<void>
  /** Keys with work. */
  readonly size: number
}

export function createKeyedSerial(): KeyedSerial {
  const tails = new Map<string, Promise<unknown>>()
  return {
    get size() {
      return tails.size
    },
    run(key, task) {
      const before = tails.get(key)
      const result = before ? before.then(task, task) : task()
      const tail = result.then(forget, forget)
      function forget(): void {
        if (tails.get(key) === tail) tails.delete(key)
      }
      tails.set(key, tail)
      return result
    },
    async idle() {
      await Promise.allSettled(tails.values())
    },
  }
}
