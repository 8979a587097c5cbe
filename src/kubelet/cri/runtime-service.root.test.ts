import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#base/clock'
import { silent } from '#component-base/log'
import { runtimeServiceSuite } from '../runtime-service-suite'
import { connectCri } from './connection'
import { startContainerd } from './containerd'
import { containerdOptions } from './containerd-config'
import { importImage } from './import-image'
import { ociArchive } from './oci-archive'
import { createCriRuntimeService } from './runtime-service'

runtimeServiceSuite('cri (containerd)', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'navarch-cri-'))
  const containerd = await startContainerd(
    containerdOptions({ root: join(directory, 'root'), state: join(directory, 'state'), cniConfDir: join(directory, 'cni'), restrictOomScoreAdj: true, disableApparmor: true }),
    { clock: systemClock, log: silent, signal: new AbortController().signal },
  )
  const archive = join(directory, 'busybox.tar')
  writeFileSync(archive, ociArchive({ name: 'docker.io/library/busybox:suite', architecture: 'amd64', files: { 'bin/sh': { content: readFileSync('/usr/bin/busybox'), mode: 0o755 } }, config: {} }))
  await importImage(archive, { socket: containerd.socket })
  return {
    runtime: createCriRuntimeService(await connectCri(containerd.socket)), image: 'docker.io/library/busybox:suite', command: ['/bin/sh', '-c', 'trap "exit 0" TERM; while true; do sleep 0.05; done'], logDirectory: join(directory, 'logs'),
    async [Symbol.asyncDispose]() {
      await containerd[Symbol.asyncDispose]()
      rmSync(directory, { recursive: true, force: true })
    },
  }
})
