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
