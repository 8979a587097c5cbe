import { readFileSync } from 'node:fs'
import { readFile, statfs } from 'node:fs/promises'
import { arch, cpus, release, totalmem } from 'node:os'
import type { Machine, Pressure } from './machine'

export interface LinuxMachineOptions {
  /** Whose file system holds pods and images. */
  rootDirectory: string
  /** Below these the node is under pressure: the original's hard eviction thresholds. */
  memoryAvailableBytes?: number
  diskAvailableFraction?: number
  inodesFreeFraction?: number
}

const goArch: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ia32: '386', arm: 'arm', ppc64: 'ppc64le', s390x: 's390x', riscv64: 'riscv64' }

/** Reads this machine from /proc, /sys and /etc. */
export async function linuxMachine(options: LinuxMachineOptions): Promise<Machine> {
  const { rootDirectory, memoryAvailableBytes = 100 * 1024 * 1024, diskAvailableFraction = 0.1, inodesFreeFraction = 0.05 } = options
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
    async pressure(): Promise<Pressure> {
      const [memory, now, pids] = await Promise.all([readFile('/proc/meminfo', 'utf8'), statfs(rootDirectory), readFile('/proc/loadavg', 'utf8')])
      const available = Number(/^MemAvailable:\s+(\d+) kB/m.exec(memory)?.[1] ?? 0) * 1024
      const running = Number(/\/(\d+) /.exec(pids)?.[1] ?? 0)
      const maximum = Number(first('/proc/sys/kernel/pid_max')) || Infinity
      return {
        memory: available > 0 && available < memoryAvailableBytes,
        disk: now.bavail / now.blocks < diskAvailableFraction || (now.files > 0 && now.ffree / now.files < inodesFreeFraction),
        pid: running > maximum * 0.95,
      }
    },
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
