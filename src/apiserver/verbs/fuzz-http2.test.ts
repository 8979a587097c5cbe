// The same over HTTP/2: many streams at once, streams that break off, and frames that are none.
import fc from 'fast-check'
import { connect, constants, type ClientHttp2Session } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { budget, startFuzzBed, type FuzzBed, within } from '../testing/fuzz-bed'
import { hugeSelector, oddBody, oddContentEncoding, oddHeaders, oddMethod, oddPath, oddQuery, oddWatch } from '../testing/odd-requests'

let bed: FuzzBed
let session: ClientHttp2Session | undefined
beforeAll(async () => {
  bed = await startFuzzBed()
})
afterAll(async () => {
  session?.destroy()
  await bed[Symbol.asyncDispose]()
})

const check = (property: fc.IAsyncProperty<unknown>): Promise<void> => fc.assert(property, budget)

/** One connection for all, as clients have it; a new one where the last was ended. */
function open(): ClientHttp2Session {
  if (!session || session.closed || session.destroyed) {
    session = connect(`https://127.0.0.1:${bed.server.server.port}`, { rejectUnauthorized: false, maxSendHeaderBlockLength: 1 << 22 } as never)
    session.on('error', () => {})
  }
  return session
}

/** Where a stream breaks off: with its headers, within its body, when the answer begins, after a while; or not at all. */
type Cut = 'never' | 'headers' | 'body' | 'answer' | 'later'
interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer
  readonly cut: Cut
}

/** The code, 0 where the stream ended without one. */
function ask({ method, path, headers, body, cut }: Asked): Promise<{ code: number; text: string }> {
  return new Promise((resolve, reject) => {
    const stream = open().request({ ':method': method, ':path': path, authorization: 'Bearer secret', 'x-cut': cut, 'x-body': String(body.length), ...headers }, { endStream: false })
    const late = setTimeout(() => reject(new Error(`no answer in time: ${method} ${path}`)), 20_000)
    let code = 0
    const chunks: Buffer[] = []
    const stop = (): void => stream.close(constants.NGHTTP2_CANCEL)
    stream.on('response', (answered) => {
      code = answered[':status'] ?? 0
      if (cut === 'answer') stop()
    })
    stream.on('data', (chunk: Buffer) => void (chunks.length < 100 && chunks.push(chunk))).on('error', () => {})
    stream.on('close', () => {
      clearTimeout(late)
      resolve({ code, text: Buffer.concat(chunks).toString() })
    })
    if (cut === 'headers') return stop()
    if (cut === 'later') setTimeout(stop, 2)
    if (cut !== 'body') return void stream.end(body)
    stream.write(body.subarray(0, body.length >> 1), stop)
    stop()
  })
}

const cut = fc.constantFrom<Cut>('never', 'never', 'never', 'headers', 'body', 'answer', 'later')
const ascii = (path: string): string => path.replaceAll(/[^\x21-\x7e]/g, encodeURIComponent)
const latin = (headers: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(headers).filter(([, text]) => text !== ''))
const ordinary = fc.record({ method: oddMethod, at: oddPath, asked: oddQuery, headers: oddHeaders, encoding: oddContentEncoding, body: oddBody, cut })
  .map(({ at, asked, headers, encoding, ...rest }): Asked => ({ ...rest, path: ascii(`${at}?dryRun=All&${asked}`), headers: latin({ ...headers, 'content-encoding': encoding }) }))
const watch = fc.record({ at: oddPath, asked: oddWatch, headers: oddHeaders, cut: fc.constantFrom<Cut>('headers', 'answer', 'later') })
  .map(({ at, asked, headers, cut: where }): Asked => ({ method: 'GET', path: ascii(`${at}?${asked}&timeoutSeconds=1`), headers: latin(headers), body: Buffer.alloc(0), cut: where }))
const selected = fc.record({ at: oddPath, selector: hugeSelector, cut })
  .map(({ at, selector, cut: where }): Asked => ({ method: 'GET', path: ascii(`${at}?${selector}`), headers: {}, body: Buffer.alloc(0), cut: where }))

test('many streams at once, some of them cut off', within, () => check(fc.asyncProperty(fc.array(fc.oneof({ weight: 8, arbitrary: ordinary }, { weight: 3, arbitrary: watch }, { weight: 1, arbitrary: selected }), { minLength: 1, maxLength: 40 }), async (all) => {
  bed.faults()
  const answers = await Promise.all(all.map(ask))
  for (const [i, { code, text }] of answers.entries()) bed.mayAnswer(code, text, () => JSON.stringify({ ...all[i], path: all[i]!.path.slice(0, 300), body: all[i]!.body.toString().slice(0, 300) }))
})))

test('connections that are dropped with their streams', within, () => check(fc.asyncProperty(fc.array(fc.oneof(ordinary, watch), { minLength: 1, maxLength: 20 }), fc.nat(5), async (all, pause) => {
  bed.faults()
  const answers = Promise.all(all.map(ask))
  await new Promise((resolve) => (pause === 0 ? setImmediate(resolve) : setTimeout(resolve, pause)))
  session?.destroy()
  await answers
  bed.mayAnswer(0, '', () => JSON.stringify(all.map(({ method, path }) => `${method} ${path}`)))
})))

// --- frames by hand

const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length & 0xffffff, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}
const integer = (value: number, bits: number, first: number): Buffer => {
  const most = (1 << bits) - 1
  if (value < most) return Buffer.from([first | value])
  const bytes = [first | most]
  for (value -= most; value >= 128; value = Math.floor(value / 128)) bytes.push((value & 127) | 128)
  return Buffer.from([...bytes, value])
}
const literal = (text: string): Buffer => Buffer.concat([integer(Buffer.byteLength(text), 7, 0), Buffer.from(text)])
const field = ([name, value]: readonly [string, string]): Buffer => Buffer.concat([Buffer.from([0]), literal(name), literal(value)])
const block = (fields: readonly (readonly [string, string])[]): Buffer => Buffer.concat(fields.map(field))

const fieldName = fc.constantFrom(':method', ':path', ':scheme', ':authority', ':status', ':protocol', ':', 'host', 'connection', 'transfer-encoding', 'te', 'upgrade', 'content-length', 'cookie', 'authorization', 'A', 'a b', '', '\0', 'accept', 'accept', 'x-remote-user', 'expect', 'audit-id', 'impersonate-user', 'origin', '__proto__', 'timeout')
const fieldValue = fc.constantFrom('GET', 'POST', 'CONNECT', 'PRI', 'get', '', '*', '/', '//', '///api', '/..', '/api/v1/pods', '/api/v1/pods?watch=1&timeoutSeconds=1', 'http://x/api', '/api/v1/namespaces/a/pods/b/exec?command=a', '/%', '/\0', '/\x80', '/ü', 'https', 'chunked', '100-continue', 'websocket', '-1', '99999999999', '0', '1', 'x\r\ny: z', 'Bearer secret', 'a'.repeat(9000), 'null')
const soundFields = [[':method', 'GET'], [':path', '/api/v1/pods'], [':scheme', 'https'], [':authority', 'x'], ['authorization', 'Bearer secret']] as const
const fields = fc.tuple(fc.boolean(), fc.array(fc.tuple(fieldName, fieldValue), { maxLength: 8 }), fc.integer({ min: 0, max: 300 })).map(([sound, odd, flood]) =>
  [...(sound ? soundFields : []), ...odd, ...Array.from({ length: flood > 200 ? flood : 0 }, (_, i) => [`x-${i}`, 'a'] as const)])
const streamId = fc.oneof({ weight: 6, arbitrary: fc.nat(20).map((n) => 2 * n + 1) }, fc.constantFrom(0, 2, 2 ** 31 - 1))
const someFrame = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fields, fc.constantFrom(5, 5, 5, 4, 1, 0, 0x25, 0xff), streamId).map(([list, flags, id]) => frame(1, flags, id, block(list).subarray(0, 16_000))) },
  { weight: 2, arbitrary: fc.tuple(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(0, 1, 8, 9), streamId).map(([bytes, flags, id]) => frame(0, flags, id, Buffer.from(bytes))) },
  { weight: 2, arbitrary: streamId.map((id) => frame(3, 0, id, Buffer.from([0, 0, 0, 8]))) },
  fc.tuple(fields, fc.constantFrom(0, 4), streamId).map(([list, flags, id]) => frame(9, flags, id, block(list).subarray(0, 16_000))),
  fc.tuple(fc.nat(9), fc.nat(0xffff_ffff)).map(([id, value]) => {
    const setting = Buffer.alloc(6)
    setting.writeUInt16BE(id, 0)
    setting.writeUInt32BE(value, 2)
    return frame(4, 0, 0, setting)
  }),
  fc.tuple(streamId, fc.nat(0x7fff_ffff)).map(([id, value]) => {
    const increment = Buffer.alloc(4)
    increment.writeUInt32BE(value)
    return frame(8, 0, id, increment)
  }),
  fc.tuple(fc.nat(20), fc.nat(255), streamId, fc.uint8Array({ maxLength: 30 })).map(([type, flags, id, bytes]) => frame(type, flags, id, Buffer.from(bytes))),
  fc.constantFrom(...[6, 4, 3, 2].map((type) => Buffer.concat(Array.from({ length: 500 }, (_, i) => frame(type, 0, type === 3 || type === 2 ? 2 * i + 1 : 0, Buffer.alloc({ 6: 8, 4: 0, 3: 4, 2: 5 }[type]!)))))),
)
const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))])

test('frames that nobody sends', within, () => check(fc.asyncProperty(fc.array(someFrame, { maxLength: 30 }), fc.nat(4), async (frames, pause) => {
  bed.faults()
  await new Promise<void>((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port: bed.server.server.port, ALPNProtocols: ['h2'], rejectUnauthorized: false }, () => {
      socket.write(Buffer.concat([preface, ...frames]))
      setTimeout(() => socket.destroy(), pause * 3)
    })
    socket.resume().on('error', () => {}).on('close', () => resolve())
  })
  bed.mayAnswer(0, '', () => Buffer.concat(frames).toString('latin1').slice(0, 2000))
})))

test('streams that are opened and reset at once, by the thousand, leave room for others', within, async () => {
  const socket = connectTls({ host: '127.0.0.1', port: bed.server.server.port, ALPNProtocols: ['h2'], rejectUnauthorized: false })
  const gone = new Promise<void>((resolve) => void socket.resume().on('error', () => {}).on('close', () => resolve()))
  await new Promise<void>((resolve) => void socket.once('secureConnect', resolve))
  socket.write(preface)
  const request = block([...soundFields])
  for (let i = 0; i < 20_000 && !socket.destroyed; i++) socket.write(Buffer.concat([frame(1, 4, 2 * i + 1, request), frame(3, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8]))]))
  const others = await Promise.all(Array.from({ length: 20 }, () => ask({ method: 'GET', path: '/api/v1/namespaces', headers: {}, body: Buffer.alloc(0), cut: 'never' })))
  expect(others.map(({ code }) => code)).toEqual(others.map(() => 200))
  socket.destroy()
  await gone
})

test('afterwards nothing is held, and the server is as well as before', within, async () => {
  session?.destroy()
  await bed.expectSettled()
})
