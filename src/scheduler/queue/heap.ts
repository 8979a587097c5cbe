/** A binary heap that can also take out what is in its middle. `before(a, b)`: a goes first. */
export class Heap<T extends object> {
  private readonly items: T[] = []
  private readonly places = new Map<T, number>()
  private readonly before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.before = before
  }
  get size(): number {
    return this.items.length
  }
  has(item: T): boolean {
    return this.places.has(item)
  }
  peek(): T | undefined {
    return this.items[0]
  }
  push(item: T): void {
    this.items.push(item)
    this.places.set(item, this.items.length - 1)
    this.up(this.items.length - 1)
  }
  pop(): T | undefined {
    const first = this.items[0]
    if (first) this.delete(first)
    return first
  }
  delete(item: T): boolean {
    const place = this.places.get(item)
    if (place === undefined) return false
    this.places.delete(item)
    const last = this.items.pop()!
    if (last === item) return true
    this.items[place] = last
    this.places.set(last, place)
    this.up(place)
    this.down(this.places.get(last)!)
    return true
  }
  private swap(a: number, b: number): void {
    const [x, y] = [this.items[a]!, this.items[b]!]
    this.items[a] = y
    this.items[b] = x
    this.places.set(y, a)
    this.places.set(x, b)
  }
  private up(at: number): void {
    for (let here = at; here > 0; ) {
      const parent = (here - 1) >> 1
      if (!this.before(this.items[here]!, this.items[parent]!)) return
      this.swap(here, parent)
      here = parent
    }
  }
  private down(at: number): void {
    for (let here = at; ; ) {
      let first = here
      for (const child of [2 * here + 1, 2 * here + 2]) if (child < this.items.length && this.before(this.items[child]!, this.items[first]!)) first = child
      if (first === here) return
      this.swap(here, first)
      here = first
    }
  }
}
