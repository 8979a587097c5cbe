/** Finds items of a list by the values of their keys. */
export class ListKeys {
  readonly #keys: readonly string[]
  readonly #list: readonly unknown[]
  #index: Map<string, unknown> | undefined
  constructor(keys: readonly string[], list: readonly unknown[]) {
    this.#keys = keys
    this.#list = list
  }

  /** The item with the keys of `item`. */
  find(item: unknown): unknown {
    this.#index ??= new Map(this.#list.map((one) => [this.#text(one), one]))
    return this.#index.get(this.#text(item))
  }

  #text(item: unknown): string {
    const object = item as Readonly<Record<string, unknown>> | null
    return typeof object === 'object' && object !== null ? JSON.stringify(this.#keys.map((key) => object[key] ?? null)) : ''
  }
}
