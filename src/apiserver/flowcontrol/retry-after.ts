const longest = 32

/** Seconds that the refused of a priority level are told to stay away: twice as long while many come back all the same, a little less while few do. */
export class RetryAfter {
  private seconds = 1
  private updated = 0
  private second = 0
  private count = 0
  private history: { second: number; count: number }[] = []

  get current(): number {
    return this.seconds
  }

  /** @param now In milliseconds. */
  refused(now: number): void {
    const second = Math.floor(now / 1000)
    if (second === this.second) {
      this.count++
      return
    }
    const kept = Math.min(longest, 2 * this.seconds)
    this.history.push({ second: this.second, count: this.count })
    this.history = this.history.filter((one) => this.second - one.second <= kept)
    this.second = second
    this.count = 1
    this.update(second)
  }

  private update(second: number): void {
    const lately = this.history.reduce((total, one) => (second - one.second <= this.seconds && one.second < second ? total + one.count : total), 0)
    if (second - this.updated >= this.seconds && lately >= 3 * this.seconds) {
      this.seconds = Math.min(longest, 2 * this.seconds)
      this.updated = second
    } else if (lately < this.seconds && this.seconds > 1) this.seconds--
  }
}
