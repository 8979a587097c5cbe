/**
 * A process for the durability tests: writes to the store in the directory it is given and prints each revision once it has been
 * acknowledged, until it is killed. Each write changes a key of its writer and its twin, so that a torn write shows.
 */
import { writeSync } from 'node:fs'
import { openLmdbStore } from './open-lmdb-store'
import type { Revision } from '../store'

const [dir, writers, writes] = [process.argv[2]!, Number(process.argv[3]), Number(process.argv[4] ?? Infinity)]
const store = await openLmdbStore({ dir, historyBytes: 2 ** 20 })

await Promise.all(
  Array.from({ length: writers }, async (_, writer) => {
    const twins = [`/writers/${writer}/a`, `/writers/${writer}/b`]
    const standing = await store.get(twins[0]!)
    let last: Revision | 'absent' = standing ? standing.revision : 'absent'
    let count = standing ? Number(Buffer.from(standing.value).toString().split(' ')[0]) : 0
    for (let i = 0; i < writes; i++) {
      count++
      const value = Buffer.from(`${count} ${'x'.repeat((count * 37) % 9000)}`)
      last = await store.write(twins.map((key) => ({ key, value, expect: last })))
      // Synchronously: the acknowledgement has left this process before anything else happens.
      writeSync(1, `ack ${writer} ${count}\n`)
    }
  }),
)
await store[Symbol.asyncDispose]()
