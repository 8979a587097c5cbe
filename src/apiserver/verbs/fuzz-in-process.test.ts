// The same from within: objects instead of bytes. Whoever asks gets an ApiError that is none of the server's faults.
import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { ApiError } from '#apimachinery/api-error'
import type { Call } from '#client/transport'
import { budget, startFuzzBed, type FuzzBed, within } from '../testing/fuzz-bed'
import { hugeSelector, oddHeaders, oddObject, oddPath, oddQuery, oddWatch } from '../testing/odd-requests'

let bed: FuzzBed
beforeAll(async () => {
  bed = await startFuzzBed()
})
afterAll(async () => {
  await bed[Symbol.asyncDispose]()
})

const check = (property: fc.IAsyncProperty<unknown>): Promise<void> => fc.assert(property, budget)
const queryOf = (text: string): NonNullable<Call['query']> => Object.fromEntries(new URLSearchParams(text))

async function holds(act: () => Promise<unknown>, asked: () => string): Promise<void> {
  bed.faults()
  try {
    await act()
    bed.mayAnswer(200, '', asked)
  } catch (error) {
    if (!(error instanceof ApiError)) throw new Error(`${asked()}: no ApiError: ${error instanceof Error ? error.stack : String(error)}`, { cause: error })
    bed.mayAnswer(error.code, error.message, () => `${asked()} ${error.cause instanceof Error ? error.cause.stack : error.stack}`)
  }
}

const method = fc.constantFrom<Call['method']>('GET', 'POST', 'PUT', 'PATCH', 'DELETE')
const selection = fc.oneof({ weight: 4, arbitrary: oddQuery }, { weight: 1, arbitrary: hugeSelector })

test('calls', within, () => check(fc.asyncProperty(method, oddPath, selection, oddHeaders, oddObject, (how, path, asked, { accept, 'content-type': contentType }, body) => {
  const call: Call = { method: how, path, query: { ...queryOf(asked), dryRun: 'All', timeoutSeconds: -1 }, accept, contentType, ...(how === 'GET' ? {} : { body }) }
  return holds(() => bed.server.transport.request(call), () => JSON.stringify(call).slice(0, 1500))
})))

test('watches', within, () => check(fc.asyncProperty(oddPath, oddWatch, oddHeaders, fc.nat(3), (path, asked, { accept }, pause) => {
  const stop = new AbortController()
  const call: Call = { method: 'GET', path, query: { ...queryOf(asked), timeoutSeconds: 1 }, accept, signal: stop.signal }
  const timer = setTimeout(() => stop.abort(), pause)
  return holds(() => bed.server.transport.watch(call, () => {}).catch((error: unknown) => {
    // Whoever stops waiting has his own reason back.
    if (error !== stop.signal.reason) throw error
  }).finally(() => clearTimeout(timer)), () => JSON.stringify(call).slice(0, 1500))
})))

test('afterwards nothing is held, and the server is as well as before', within, () => bed.expectSettled())
