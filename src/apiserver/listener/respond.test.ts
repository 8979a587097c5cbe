import { expect, test } from 'vitest'
import { jsonForm } from '../encoding/json-form'
import type { Exchange, Result } from '../exchange'
import { respond, type Wire } from './respond'

function recordingWire(): Wire & { seen: string[]; over: Promise<void> } {
  const seen: string[] = []
  let done: () => void
  const over = new Promise<void>((resolve) => (done = resolve))
  return {
    seen, over,
    head: (code) => void seen.push(`head ${code}`),
    write: (bytes) => seen.push(Buffer.from(bytes).toString()) > 0,
    end: () => (seen.push('end'), done()),
    cut: () => (seen.push('cut'), done()),
    drained: () => undefined,
    closed: () => undefined,
  }
}

const stream = (bytes: AsyncIterable<Uint8Array>): Result => ({ sort: 'stream', code: 200, headers: {}, bytes }) as Result
const exchange = { warnings: [], auditId: 'a' } as unknown as Exchange

test('a stream is passed on to its end', async () => {
  const wire = recordingWire()
  respond(wire, exchange, jsonForm, stream((async function* () { yield Buffer.from('one') })()))
  await wire.over
  expect(wire.seen).toEqual(['head 200', 'one', 'end'])
})

test('a source that breaks cuts the answer, and takes nothing else with it', async () => {
  const wire = recordingWire()
  respond(wire, exchange, jsonForm, stream((async function* () {
    yield Buffer.from('one')
    throw new Error('aborted')
  })()))
  await wire.over
  expect(wire.seen).toEqual(['head 200', 'one', 'cut'])
})

test('a list is sent in pieces whose memory is used again once the wire has drained, never before', async () => {
  /** Looks at what it was given only when it drains, as a socket does. */
  const slowWire = (): Wire & { whole(): string; drain(): boolean } => {
    const [held, seen]: [Uint8Array[], string[]] = [[], []]
    let more: (() => void) | undefined
    return {
      ...recordingWire(),
      write: (bytes) => (held.push(bytes), held.length < 2),
      drained: (callback) => void (more = callback),
      whole: () => [...seen, ...held].map((bytes) => Buffer.from(bytes as Uint8Array).toString()).join(''),
      drain() {
        const resume = more
        more = undefined
        for (const bytes of held.splice(0)) seen.push(Buffer.from(bytes).toString())
        resume?.()
        return resume !== undefined
      },
    }
  }
  const kind = { head: '', apiVersion: 'v1', resource: { listKind: 'PodList' } }
  const listOf = (name: string): Result => ({
    sort: 'list', kind, revision: 9,
    // The last does not fit a piece.
    entries: Array.from({ length: 600 }, (_, i) => ({ revision: i + 1, bytes: Buffer.from(`"name":"${name}-${i}","pad":"${name.repeat(i === 599 ? 300_000 : 3000)}"}}`) })),
  }) as never
  const names = ['a', 'b', 'c', 'd']
  const asked = { ...exchange, headers: {} } as Exchange
  // The second round finds the memory of the first.
  for (let round = 0; round < 2; round++) {
    const wires = names.map((name) => {
      const wire = slowWire()
      respond(wire, asked, jsonForm, listOf(name))
      return wire
    })
    while (wires.map((wire) => wire.drain()).includes(true));
    wires.forEach((wire, i) => {
      const { items } = JSON.parse(wire.whole()) as { items: { metadata: { name: string; pad: string } }[] }
      const name = names[i]!
      expect(items.map(({ metadata }) => metadata.name)).toEqual(Array.from({ length: 600 }, (_, at) => `${name}-${at}`))
      expect(items.every(({ metadata: { pad } }) => pad === name.repeat(pad.length))).toBe(true)
    })
  }
})
