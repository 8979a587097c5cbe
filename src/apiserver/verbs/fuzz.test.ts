// Requests that nobody in his right mind sends: each gets the server's own refusal, and the server goes on as if nothing had been.
import fc from 'fast-check'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, test } from 'vitest'
import { budget, startFuzzBed, type FuzzBed, within } from '../testing/fuzz-bed'
import { hugeSelector, oddBody, oddContentEncoding, oddHeaders, oddMethod, oddPath, oddQuery, oddWatch } from '../testing/odd-requests'

let bed: FuzzBed
beforeAll(async () => {
  bed = await startFuzzBed()
})
afterAll(async () => {
  await bed[Symbol.asyncDispose]()
})

async function holds(method: string, target: string, call: { headers: Record<string, string>; body?: Uint8Array }): Promise<void> {
  bed.faults()
  const { code, body } = await bed.server.ask(target.replaceAll(/[^\x21-\x7e]/g, encodeURIComponent), { method, ...call })
  bed.mayAnswer(code, body.toString(), () => `${method} ${target.slice(0, 300)} ${call.headers['content-type'] ?? ''} <- ${Buffer.from(call.body ?? '').toString().slice(0, 300)}`)
}

const check = (property: fc.IAsyncProperty<unknown>): Promise<void> => fc.assert(property, budget)

test('reads', within, () => check(fc.asyncProperty(fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'DELETE'), oddPath, oddQuery, oddHeaders, (method, at, asked, sent) => holds(method, `${at}?dryRun=All&${asked}`, { headers: sent }))))

test('writes', within, () => check(fc.asyncProperty(fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'), oddPath, oddQuery, oddHeaders, oddContentEncoding, oddBody, (method, at, asked, sent, encoding, text) =>
  holds(method, `${at}?dryRun=All&${asked}`, { headers: { ...sent, ...(encoding === '' ? {} : { 'content-encoding': encoding }), 'content-length': String(text.length) }, body: text }))))

test('watches', within, () => check(fc.asyncProperty(oddPath, oddWatch, oddHeaders, (at, asked, sent) => holds('GET', `${at}?${asked}&timeoutSeconds=1`, { headers: sent }))))

test('selectors of any size', within, () => check(fc.asyncProperty(fc.constantFrom('GET', 'DELETE'), oddPath, hugeSelector, (method, at, selector) => holds(method, `${at}?dryRun=All&${selector}`, { headers: {} }))))

test('requests that are cut off', within, () => check(fc.asyncProperty(oddMethod, oddPath, oddQuery, oddBody, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3), async (method, at, asked, text, part, pause) => {
  const head = `${method} ${`${at}?dryRun=All&${asked}`.replaceAll(/[^\x21-\x7e]/g, encodeURIComponent)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer secret\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n`
  const whole = Buffer.concat([Buffer.from(head), text])
  bed.faults()
  await new Promise<void>((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port: bed.server.server.port, rejectUnauthorized: false }, () => {
      socket.write(whole.subarray(0, Math.floor(whole.length * part)))
      if (pause === 0) socket.destroy()
      else setTimeout(() => socket.destroy(), pause)
    })
    socket.on('error', () => {}).on('close', () => resolve())
  })
  bed.mayAnswer(0, '', () => `cut off: ${head}`)
})))

test('bodies beyond what is taken', async () => {
  for (const text of [`{"a":"${'x'.repeat(4 << 20)}"}`, '['.repeat(3_000_000), `{${'"a":1,'.repeat(400_000)}"b":2}`, '{"metadata":{"labels":{'.padEnd(3 << 20, '"a":{')]) {
    await holds('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', { headers: { 'content-type': 'application/json', 'content-length': String(text.length) }, body: Buffer.from(text) })
  }
}, 60_000)

test('afterwards nothing is held, and the server is as well as before', within, () => bed.expectSettled())
