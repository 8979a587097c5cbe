import { connect, constants, type ClientHttp2Session } from 'node:http2'
import { expect, test } from 'vitest'
import { startTlsServer, type TlsServer } from '../testing/tls-server'

const patient = { settings: { initialWindowSize: 1 << 20 }, rejectUnauthorized: false, maxSendHeaderBlockLength: 1 << 22 }
const watchers = async ({ server }: TlsServer): Promise<number> => (await server.registry.cache.of(server.registry.kinds.find('', 'v1', 'pods')!.resource)).watchers

/** With a watch that has begun. */
async function watching(server: TlsServer): Promise<{ session: ClientHttp2Session; closed: Promise<void> }> {
  const session = connect(`https://127.0.0.1:${server.server.port}`, patient as never)
  session.on('error', () => {})
  const stream = session.request({ ':path': '/api/v1/pods?watch=1', authorization: 'Bearer secret' })
  stream.on('error', () => {})
  const closed = new Promise<void>((resolve) => void stream.on('close', () => resolve()))
  await new Promise((resolve) => stream.on('response', resolve))
  return { session, closed }
}

test('a client that broke the rules of HTTP/2 and is gone holds nothing', async () => {
  await using server = await startTlsServer({}, { silence: 50 })
  const { session, closed } = await watching(server)
  expect(await watchers(server)).toBe(1)
  // A field that is too large for a table of fields: the connection is over, and Node reads nothing from it any more.
  session.request({ ':path': `/${'a'.repeat(200_000)}` }).on('error', () => {})
  await closed
  await expect.poll(() => watchers(server)).toBe(0)
})

test('a client that is silent and there keeps its connection', async () => {
  await using server = await startTlsServer({}, { silence: 20 })
  const { session, closed } = await watching(server)
  let asked = 0
  await new Promise<void>((resolve) => void session.on('ping', () => ++asked === 3 && resolve()))
  expect(await watchers(server)).toBe(1)
  session.close()
  session.destroy(undefined, constants.NGHTTP2_NO_ERROR)
  await closed
})
