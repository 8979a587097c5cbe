import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../store'
import { storeSuite } from '../suite'
import { openEtcdStore } from './open-etcd-store'

// The suite needs a real etcd; it is skipped where none is installed.
const missing = spawnSync('etcd', ['--version']).error !== undefined

describe.skipIf(missing)('etcd store', () => {
  const dir = mkdtempSync(join(tmpdir(), 'navarch-etcd-'))
  let etcd: ChildProcess | undefined
  let server: string
  let opened = 0

  beforeAll(async () => {
    const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`]
    const urls = ['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer]
    const cluster = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`]
    etcd = spawn('etcd', ['--data-dir', dir, ...urls, ...cluster], { stdio: ['ignore', 'ignore', 'pipe'] })
    // Read to the end: etcd dies of a log that nobody takes.
    await new Promise<void>((resolve, reject) => {
      etcd!.stderr!.on('data', (chunk) => /ready to serve client requests|serving (insecure )?client/.test(String(chunk)) && resolve())
      etcd!.once('exit', (code) => reject(new Error(`etcd has ended with ${code}`)))
    })
    server = client
  }, 30_000)

  afterAll(async () => {
    if (etcd && etcd.exitCode === null) {
      etcd.kill('SIGKILL')
      await once(etcd, 'exit')
    }
    rmSync(dir, { recursive: true, force: true })
  })

  // etcd grants no lease below two seconds and looks for ended ones twice a second.
  storeSuite((name, run) => test(name, { timeout: 20_000 }, run), {
    embedded: false,
    knowsRemaining: true,
    open: async () => ({ store: await openEtcdStore({ servers: [server], prefix: `/test-${opened++}` }), elapse: async () => {} }),
  })

  test('the next server is asked when one does not answer', async () => {
    const dead = `http://127.0.0.1:${await freePort()}`
    await using store = await openEtcdStore({ servers: [dead, server] })
    expect(await store.current()).toBeGreaterThan(0)
  })
})

test('an etcd that cannot be reached is named as what is missing', async () => {
  const server = `http://127.0.0.1:${await freePort()}`
  await expect(openEtcdStore({ servers: [server] })).rejects.toThrow(StoreUnavailable)
  await expect(openEtcdStore({ servers: ['127.0.0.1'] })).rejects.toThrow(/127.0.0.1 is no etcd server: it must be a URL/)
})

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}
