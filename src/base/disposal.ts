/** Things to dispose of together, last come first gone. Node 20 has no DisposableStack. */
export interface Disposables extends AsyncDisposable {
  /** Hands back what it was given. */
  use<T extends Disposable | AsyncDisposable>(resource: T): T
  defer(dispose: () => void | Promise<void>): void
}

/** Disposing goes on where one fails, and throws what failed at the end. */
export function createDisposables(): Disposables {
  let all: (() => void | PromiseLike<void>)[] = []
  return {
    use(resource) {
      all.push(() => (Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose]()))
      return resource
    },
    defer: (dispose) => void all.push(dispose),
    async [Symbol.asyncDispose]() {
      const these = all.reverse()
      all = []
      const errors: unknown[] = []
      for (const dispose of these) {
        try {
          await dispose()
        } catch (error) {
          errors.push(error)
        }
      }
      if (errors.length === 1) throw errors[0]
      if (errors.length > 1) throw new AggregateError(errors, 'several things could not be disposed of')
    },
  }
}
