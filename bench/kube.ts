import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDisposables } from '#base/disposal'
import { connect } from './client'
import { start } from './program'
import { type Server, serverAt, temporaryDirectory, token, tokenFile } from './servers'

const isOnPath = (program: string): boolean => (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, program)))

/** Whether the peer can be measured here. */
export const kubeIsThere = (): boolean => ['kube-apiserver', 'etcd'].every(isOnPath)

/** kube-apiserver with an etcd of its own, durable like Navarch's store. */
export async function startKube(): Promise<Server> {
  const disposables = createDisposables()
  const directory = await temporaryDirectory(disposables)
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()]
  const [clientUrl, peerUrl, url] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`, `https://127.0.0.1:${secure}`]
  const listen = [
    '--listen-client-urls',
    clientUrl,
    '--advertise-client-urls',
    clientUrl,
    '--listen-peer-urls',
    peerUrl,
    '--initial-advertise-peer-urls',
    peerUrl,
  ]
  const etcd = disposables.use(
    start('etcd', ['--data-dir', join(directory, 'etcd'), '--log-level', 'error', ...listen, '--initial-cluster', `default=${peerUrl}`]),
  )
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const [key, pub] = [join(directory, 'sa.key'), join(directory, 'sa.pub')]
  await writeFile(key, privateKey.export({ type: 'sec1', format: 'pem' }))
  await writeFile(pub, publicKey.export({ type: 'spki', format: 'pem' }))
  const serving = ['--etcd-servers', clientUrl, '--secure-port', String(secure), '--bind-address', '127.0.0.1', '--cert-dir', join(directory, 'serving')]
  const accounts = ['--service-account-issuer', 'https://kubernetes.default.svc', '--service-account-key-file', pub, '--service-account-signing-key-file', key]
  const users = ['--token-auth-file', await tokenFile(directory), '--authorization-mode', 'RBAC', '--disable-admission-plugins', 'ServiceAccount']
  const others = ['--service-cluster-ip-range', '10.96.0.0/16', '--enable-priority-and-fairness=false']
  const apiserver = disposables.use(start('kube-apiserver', [...serving, ...accounts, ...users, ...others]))
  await answers(url)
  return serverAt(url, [etcd.pid, apiserver.pid], disposables)
}

/** Resolves when the server says that it is ready. */
async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const connection = connect(url, token)
    try {
      await Promise.race([connection.call('GET', '/readyz'), connection.failed])
      return
    } catch {
      // Not yet: nobody listens, or it still starts.
      await sleep(100)
    } finally {
      connection.close()
    }
  }
  throw new Error(`${url} was not ready within 30 s`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
