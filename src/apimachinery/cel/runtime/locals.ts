/** Where the variables of folds rest in a frame. A variable with a value of its own is worked out when it is first read. */
export interface Local {
  readonly slot: number
  readonly lazy: boolean
}

export class Locals {
  readonly #depth: number
  readonly #names: ReadonlyMap<string, Local>
  constructor(depth = 0, names: ReadonlyMap<string, Local> = new Map()) {
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
    return { inner: new Locals(this.#depth + names.length, inner), slots }
  }
}
