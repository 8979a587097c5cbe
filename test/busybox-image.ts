import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { ociArchive } from '#kubelet/cri/oci-archive'

export const busyboxImage = 'docker.io/library/busybox:1.35'

/** Writes an image of this machine's own static busybox: journeys need no registry. */
export function writeBusyboxImage(file: string): void {
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')
  const files = {
    'bin/busybox': { content: readFileSync(busybox), mode: 0o755 },
    'etc/passwd': { content: Buffer.from('root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'), mode: 0o644 },
    'etc/group': { content: Buffer.from('root:x:0:\nnogroup:x:65534:\n'), mode: 0o644 },
  }
  const links = Object.fromEntries(applets.filter((name) => name !== 'busybox').map((name) => [`bin/${name}`, 'busybox']))
  writeFileSync(file, ociArchive({ name: busyboxImage, architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', files, links, config: { Env: ['PATH=/bin'], Cmd: ['sh'] } }))
}
