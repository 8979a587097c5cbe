import { readFileSync, type StatsFs } from 'node:fs'
import { readFile, statfs } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import type { Observations } from '../eviction/thresholds'
import type { Machine } from './machine'

export interface LinuxMachineOptions {
  /** Whose file system holds pods and logs. */
  rootDirectory: string
  /** Where images are; by default beside the pods. */
  imageDirectory?: () => Promise<string | undefined>
}

const goArch: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm', ppc64: 'ppc64le', s390x: 's390x', riscv64: 'riscv64' }

/** Reads this machine from /proc, /sys and /etc. */
export async function linuxMachine(options: LinuxMachineOptions): Promise<Machine> {
  const { rootDirectory, imageDirectory } = options
  const disk = await statfs(rootDirectory)
  return {
    capacity: {
      cpu: String(cpus().length),
      memory: `${Math.floor(totalmem() / 1024)}Ki`,
      'ephemeral-storage': `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
      'hugepages-1Gi': '0',
      'hugepages-2Mi': '0',
    },
    info: {
      machineID: first('/etc/machine-id', '/var/lib/dbus/machine-id'),
      systemUUID: first('/sys/class/dmi/id/product_uuid', '/etc/machine-id'),
      bootID: first('/proc/sys/kernel/random/boot_id'),
      kernelVersion: release(),
      osImage: prettyName(),
      operatingSystem: 'linux',
      architecture: goArch[arch()] ?? arch(),
    },
    async observe() {
      const imagesAt = (await imageDirectory?.()) ?? rootDirectory
      const [memory, nodefs, imagefs, load] = await Promise.all([readFile('/proc/meminfo', 'utf8'), statfs(rootDirectory), statfs(imagesAt), readFile('/proc/loadavg', 'utf8')])
      const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(memory)?.[1] ?? 0) * 1024
      const processes = Number(/\/(\d+) /.exec(load)?.[1] ?? 0)
      const maximum = Number(first('/proc/sys/kernel/pid_max'))
      return {
        'memory.available': { available: kilobytes('MemAvailable'), capacity: kilobytes('MemTotal') },
        ...fileSystem('nodefs', nodefs),
        ...fileSystem('imagefs', imagefs),
        ...(maximum > 0 ? { 'pid.available': { available: maximum - processes, capacity: maximum } } : {}),
      }
    },
  }
}

/** Some file systems have no fixed number of inodes: they do not run short of them. */
function fileSystem(name: 'nodefs' | 'imagefs', { bavail, blocks, bsize, files, ffree }: StatsFs): Observations {
  return {
    [`${name}.available`]: { available: bavail * bsize, capacity: blocks * bsize },
    ...(files > 0 ? { [`${name}.inodesFree`]: { available: ffree, capacity: files } } : {}),
  }
}

/** The first file that can be read, trimmed; empty where there is none (containers, odd machines). */
function first(...paths: string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch (error) {
      if (!['ENOENT', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return ''
}

function prettyName(): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(first('/etc/os-release'))?.[1] ?? 'Linux'
}
