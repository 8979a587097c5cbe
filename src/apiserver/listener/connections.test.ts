import { once } from 'node:events'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { startTestServer } from '../testing/test-server'
import type { Connections } from './connections'

const pki = openPki()
const ca = keyPairToPem(pki.ca).cert

const http1 = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, ca, path: '/readyz', agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => resolve(text))
    }).on('error', reject).end()
  })

test('a server without a port serves connections that somebody else has accepted, until it goes', async () => {
  let serve: ((socket: Socket) => void) | undefined
  const port = createServer({ pauseOnConnect: true }, (socket) => (serve ? serve(socket) : socket.destroy())).listen(0, '127.0.0.1')
  await once(port, 'listening')
  const connections: Connections = {
    host: '127.0.0.1', port: (port.address() as AddressInfo).port,
    take(next) {
      serve = next
      return { [Symbol.dispose]: () => (serve = undefined) }
    },
  }
  const server = await startTestServer({ anonymous: true }, { listen: { connections, tls: keyPairToPem(pki.apiserver) } })
  const { url } = server.server
  expect(url).toBe(`https://127.0.0.1:${connections.port}`)
  expect(await http1(connections.port)).toBe('ok')

  const session = connect(url, { ca })
  session.on('error', () => {})
  const watch = session.request({ ':path': '/api/v1/namespaces?watch=true' })
  await once(watch, 'response')
  const closed = once(session, 'close')
  watch.resume()
  await server[Symbol.asyncDispose]()
  await closed
  await expect(http1(connections.port)).rejects.toThrow()
  port.close()
})
