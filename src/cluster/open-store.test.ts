import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '#base/clock'
import { keyPairToPem } from '#component-base/certs/issue'
import { openPki } from '#component-base/certs/pki'
import { silent } from '#component-base/log'
import { wholeOptions } from '#component-base/options/whole'
import { openStore } from './open-store'
import { type ControlPlaneOptions, controlPlaneOptions } from './options'

const missing = spawnSync('etcd', ['--version']).error !== undefined

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}

// It asks for client certificates, as every etcd of a kubeadm cluster does.
describe.skipIf(missing)('an etcd that speaks TLS', () => {
  const dir = mkdtempSync(join(tmpdir(), 'navarch-etcd-tls-'))
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const [pki, stranger] = [openPki(), openPki()]
  const pair = (name: string, pem: { cert: string; key: string }) => ({ cert: file(`${name}.crt`, pem.cert), key: file(`${name}.key`, pem.key) })
  const ca = file('ca.crt', keyPairToPem(pki.ca).cert)
  const serving = pair('server', keyPairToPem(pki.issueServing('etcd', ['127.0.0.1', 'localhost'])))
  const client = pair('client', keyPairToPem(pki.issueClient('kube-apiserver-etcd-client')))
  const other = { ca: file('other-ca.crt', keyPairToPem(stranger.ca).cert), ...pair('other', keyPairToPem(stranger.issueClient('kube-apiserver-etcd-client'))) }
  let etcd: ChildProcess | undefined
  let server = ''

  beforeAll(async () => {
    server = `https://127.0.0.1:${await freePort()}`
    const peer = `http://127.0.0.1:${await freePort()}`
    etcd = spawn('etcd', [
      '--data-dir', join(dir, 'data'), '--listen-client-urls', server, '--advertise-client-urls', server, '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer,
      '--initial-cluster', `default=${peer}`, '--cert-file', serving.cert, '--key-file', serving.key, '--trusted-ca-file', ca, '--client-cert-auth',
    ], { stdio: ['ignore', 'ignore', 'pipe'] })
    await new Promise<void>((resolve, reject) => {
      etcd!.stderr!.on('data', (chunk) => /ready to serve client requests|serving client/.test(String(chunk)) && resolve())
      etcd!.once('exit', (code) => reject(new Error(`etcd has ended with ${code}`)))
    })
  }, 30_000)
  afterAll(async () => {
    if (etcd && etcd.exitCode === null) {
      etcd.kill('SIGKILL')
      await once(etcd, 'exit')
    }
    rmSync(dir, { recursive: true, force: true })
  })

  const open = (given: Partial<ControlPlaneOptions>) => openStore(wholeOptions('test', controlPlaneOptions, { etcdServers: [server], ...given }), dir, { clock: systemClock, log: silent })

  test('is used with the authority and the certificate that the flags name', async () => {
    await using store = await open({ etcdCafile: ca, etcdCertfile: client.cert, etcdKeyfile: client.key, etcdPrefix: '/other/registry' })
    const seen: string[] = []
    const stop = new AbortController()
    const revision = await store.write([{ key: '/registry/core/pods/a', value: Buffer.from('x'), expect: 'absent' }])
    const watching = store.watch('/registry/', { after: revision - 1, signal: stop.signal }, ({ changes }) => {
      seen.push(...changes.map(({ key }) => key))
      if (seen.length > 0) stop.abort()
    })
    await watching
    expect(seen).toEqual(['/registry/core/pods/a'])
    await using below = await open({ etcdCafile: ca, etcdCertfile: client.cert, etcdKeyfile: client.key })
    expect(await below.get('/registry/core/pods/a')).toBeUndefined()
  })

  test.each<[string, Partial<ControlPlaneOptions>]>([
    ['without a certificate', { etcdCafile: ca }],
    ['with one that another authority signed', { etcdCafile: ca, etcdCertfile: other.cert, etcdKeyfile: other.key }],
    ['where its own is not of the authority that is trusted', { etcdCafile: other.ca, etcdCertfile: client.cert, etcdKeyfile: client.key }],
    ['where no authority is named and the system knows none', { etcdCertfile: client.cert, etcdKeyfile: client.key }],
  ])('is not used %s', async (_name, given) => {
    await expect(open(given)).rejects.toThrow(/etcd cannot be used: /)
  })

  test('a file that is not there is named', async () => {
    await expect(open({ etcdCafile: join(dir, 'none.crt') })).rejects.toThrow('none.crt')
  })
})
