/** Where the variables of folds rest in a frame. A variable with a value of its own is worked out when it is first read. */
export interface Local {
  readonly slot: number
  readonly lazy: boolean
}

export class Locals {
  readonly #slots: { count: number }
  readonly #depth: number
  readonly #names: ReadonlyMap<string, Local>
  constructor(slots: { count: number }, depth = 0, names: ReadonlyMap<string, Local> = new Map()) {
    this.#slots = slots
    this.#depth = depth
    this.#names = names
  }

  find(name: string): Local | undefined {
    return this.#names.get(name)
  }

  /** Folds beside each other share their slots. */
  with(names: readonly string[], lazy = false): { inner: Locals; slots: readonly number[] } {
    const slots = names.map((_, i) => this.#depth + i)
    const inner = new Map(this.#names)
    for (const [i, name] of names.entries()) inner.set(name, { slot: slots[i]!, lazy })
    this.#slots.count = Math.max(this.#slots.count, this.#depth + names.length)
    return { inner: new Locals(this.#slots, this.#depth + names.length, inner), slots }
  }
}
