/** How a number went over a span of time: what borrowing is decided by. */
export interface Course {
  /** Seconds. */
  readonly duration: number
  readonly average: number
  readonly deviation: number
  readonly max: number
}

/** Adds a number up over time. */
export class Integrator {
  private readonly now: () => number
  private last: number
  private value = 0
  private highest = 0
  private seconds = 0
  private sum = 0
  private squares = 0

  /** @param now In milliseconds. */
  constructor(now: () => number) {
    this.now = now
    this.last = now()
  }

  set(value: number): void {
    this.settle()
    this.value = value
    if (value > this.highest) this.highest = value
  }

  /** What has been since the last reset. */
  reset(): Course {
    this.settle()
    const { seconds, sum, squares, highest } = this
    const average = seconds > 0 ? sum / seconds : 0
    const course = { duration: seconds, average, deviation: seconds > 0 ? Math.sqrt(Math.max(0, squares / seconds - average * average)) : 0, max: highest }
    this.seconds = this.sum = this.squares = 0
    this.highest = this.value
    return course
  }

  private settle(): void {
    const now = this.now()
    const elapsed = (now - this.last) / 1000
    this.last = now
    this.seconds += elapsed
    this.sum += elapsed * this.value
    this.squares += elapsed * this.value * this.value
  }
}
