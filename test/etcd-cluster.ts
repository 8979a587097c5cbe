import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { certificateToPem } from '#component-base/certs/certificate'
import { createAuthority, issue, keyPairToPem } from '#component-base/certs/issue'
import { alternativeNames } from '#component-base/certs/names'
import { freePort } from './real-node/machine'

export const whyNoEtcd = spawnSync('etcd', ['--version']).error && 'there is no etcd on the PATH (apt install etcd-server)'

export interface EtcdMember {
  readonly url: string
  /** As a power cut would end it. */
  kill(): Promise<void>
  start(): void
}

/** Debian's etcd in three processes that talk TLS, to each other and to their clients, with certificates of one authority. */
export interface EtcdCluster extends AsyncDisposable {
  readonly members: readonly EtcdMember[]
  /** For kube-apiserver's options of these names. */
  readonly cafile: string
  readonly certfile: string
  readonly keyfile: string
}

export async function startEtcdCluster(directory: string): Promise<EtcdCluster> {
  mkdirSync(directory, { recursive: true })
  const day = 24 * 3600_000
  const [notBefore, notAfter] = [new Date(Date.now() - day), new Date(Date.now() + day)]
  const authority = createAuthority({ commonName: 'etcd-ca', organizations: [] }, notBefore, notAfter)
  const pair = issue(
    { subject: { commonName: 'etcd', organizations: [] }, names: alternativeNames(['localhost', '127.0.0.1']), usages: ['digital signature', 'key encipherment', 'server auth', 'client auth'], notBefore, notAfter },
    authority,
  )
  const { cert, key } = keyPairToPem(pair)
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  const [cafile, certfile, keyfile] = [file('ca.crt', certificateToPem(authority.certificate)), file('etcd.crt', cert), file('etcd.key', key)]

  const names = ['a', 'b', 'c']
  const ports = await Promise.all(names.map(async () => ({ client: `https://127.0.0.1:${await freePort()}`, peer: `https://127.0.0.1:${await freePort()}` })))
  const together = names.map((name, i) => `${name}=${ports[i]!.peer}`).join(',')
  const running: (ChildProcess | undefined)[] = []
  const members = names.map((name, i): EtcdMember => {
    const { client, peer } = ports[i]!
    return {
      url: client,
      start() {
        const urls = ['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', together]
        const tls = [...['cert-file', 'peer-cert-file'].flatMap((flag) => [`--${flag}`, certfile]), ...['key-file', 'peer-key-file'].flatMap((flag) => [`--${flag}`, keyfile]), ...['trusted-ca-file', 'peer-trusted-ca-file'].flatMap((flag) => [`--${flag}`, cafile])]
        running[i] = spawn('etcd', ['--name', name, '--data-dir', join(directory, name), ...urls, ...tls, '--client-cert-auth', '--peer-client-cert-auth'], { stdio: 'ignore' })
      },
      async kill() {
        const member = running[i]
        if (!member || member.exitCode !== null || member.signalCode !== null) return
        member.kill('SIGKILL')
        await once(member, 'exit')
      },
    }
  })
  for (const member of members) member.start()
  return {
    members, cafile, certfile, keyfile,
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((member) => member.kill()))
    },
  }
}
