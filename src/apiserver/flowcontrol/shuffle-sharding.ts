import { createHash } from 'node:crypto'

/** A flow's number: the first eight bytes of a hash, little-endian, as the original has it. */
export function hashOfFlow(schema: string, distinguisher: string): bigint {
  return createHash('sha256').update(schema).update(Uint8Array.of(0)).update(distinguisher).digest().readBigUInt64LE(0)
}

/** The few of many queues that a flow may use: different ones, dealt from the flow's number. Two flows seldom have the same hand. */
export function deal(hash: bigint, deckSize: number, handSize: number): number[] {
  const remainders: number[] = []
  for (let i = 0; i < handSize; i++) {
    const size = BigInt(deckSize - i)
    remainders.push(Number(hash % size))
    hash /= size
  }
  return remainders.map((card, i) => {
    for (let j = i; j > 0; j--) if (card >= remainders[j - 1]!) card++
    return card
  })
}
