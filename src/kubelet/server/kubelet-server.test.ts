import { connect, type PeerCertificate } from 'node:tls'
import { expect, test } from 'vitest'
import { systemClock } from '#base/clock'
import { openPki } from '#component-base/certs/pki'
import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { silent } from '#component-base/log'
import { startKubeletServer } from './kubelet-server'

test('a new certificate serves new connections without a restart; open ones go on', async () => {
  const pki = openPki({ now: Date.now() })
  const [first, second] = ['one', 'two'].map((name) => keyPairToPem(pki.issueServing(name, ['127.0.0.1'])))
  const ca = certificateToPem(pki.ca.certificate)
  await using server = await startKubeletServer(
    { port: 0, address: '127.0.0.1', certificate: first!.cert, key: first!.key, clientCa: ca, nodeName: 'n1', rootDirectory: '/' },
    { runtime: {} as never, images: {} as never, access: { authenticate: async () => undefined, authorize: async () => false }, pods: () => [], clock: systemClock, log: silent },
  )
  const open = async () => {
    const socket = connect({ port: server.port, host: '127.0.0.1', ca })
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    return { socket, name: (socket.getPeerCertificate() as PeerCertificate).subject.CN }
  }
  const before = await open()
  server.useCertificate(second!.cert, second!.key)
  const after = await open()
  expect([before.name, after.name]).toEqual(['one', 'two'])
  before.socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const answer = await new Promise<string>((resolve) => before.socket.once('data', (data) => resolve(String(data))))
  expect(answer).toContain('401')
  for (const { socket } of [before, after]) socket.destroy()
})
