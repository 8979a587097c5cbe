import type { FieldErrors } from '#apimachinery/field-errors'
import type { Delete, Put, Store } from '#storage/store'

/**
 * Node ports are marked as taken by keys of their own, beside the objects: two servers that give out the same port at the
 * same moment then cannot both commit. No client sees them.
 */
const keyOf = (port: number): string => `/navarch/servicenodeports/${String(port).padStart(5, '0')}`
const nothing = new Uint8Array([123, 125])

export const nodePortPut = (port: number): Put => ({ key: keyOf(port), value: nothing, expect: 'absent' })
/** Gives ports back; what nobody marked (a Service from before) needs nothing. */
export async function nodePortDeletes(store: Store, ports: readonly number[]): Promise<Delete[]> {
  const marks = await Promise.all(ports.map((port) => store.get(keyOf(port))))
  return marks.flatMap((mark) => (mark ? [{ key: mark.key, expect: mark.revision }] : []))
}

export class NodePorts {
  private readonly first: number
  private readonly last: number

  constructor({ first, last }: { first: number; last: number }) {
    this.first = first
    this.last = last
  }

  get text(): string {
    return `${this.first}-${this.last}`
  }

  contains(port: number): boolean {
    return port >= this.first && port <= this.last
  }

  /** What a dry run shows: nothing is taken for it, so no port of the range is promised. */
  pretend(mine: ReadonlySet<number>): number {
    return Math.max(32768, ...mine) + 1
  }

  /** Any free one, at random, so that a port that was just given back is not given out at once. */
  pick(taken: ReadonlySet<number>, mine: ReadonlySet<number>, errors: FieldErrors): number {
    const size = this.last - this.first + 1
    const start = Math.floor(Math.random() * size)
    for (let i = 0; i < size; i++) {
      const port = this.first + ((start + i) % size)
      if (!taken.has(port) && !mine.has(port)) return port
    }
    errors.at('spec', 'ports').internal('failed to allocate a nodePort: range is full')
    return this.first
  }
}
