import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const exec = promisify(execFile)

/** Kernel settings without which pods reach nothing, each with what happens where it is off. */
const settings: readonly (readonly [path: string, without: string])[] = [
  ['/proc/sys/net/ipv4/ip_forward', 'pods reach nothing outside their node'],
  ['/proc/sys/net/bridge/bridge-nf-call-iptables', 'pods do not reach Services whose endpoint is on the same node'],
]

/** Switches on what the pod network needs. Throws with what would not work when the kernel refuses. */
export async function prepareKernel(): Promise<void> {
  for (const [path, without] of settings) {
    try {
      if ((await readFile(path, 'utf8')).trim() !== '1') await writeFile(path, '1')
    } catch (error) {
      throw new Error(`${path} cannot be set to 1: ${(error as Error).message}. Without it ${without}`, { cause: error })
    }
  }
}

/** The IPv4 addresses of an interface, as `address/prefix`; undefined when there is no such interface. */
export async function addressesOf(device: string): Promise<string[] | undefined> {
  const { stdout } = await exec('ip', ['-json', 'address', 'show']).catch((error: Error) => {
    throw new Error(`ip address show: ${error.message}. It comes with Debian's package iproute2`, { cause: error })
  })
  const found = (JSON.parse(stdout) as { ifname: string; addr_info: { family: string; local: string; prefixlen: number }[] }[]).find(({ ifname }) => ifname === device)
  return found?.addr_info.filter(({ family }) => family === 'inet').map(({ local, prefixlen }) => `${local}/${prefixlen}`)
}

/** Where there is one: a node on which no pod had a network has none. */
export async function removeDevice(device: string): Promise<void> {
  if ((await addressesOf(device)) !== undefined) await exec('ip', ['link', 'delete', device])
}

/** Gives the host an address (on loopback), once. What comes back takes it away again. */
export async function holdAddress(address: string, device = 'lo'): Promise<AsyncDisposable> {
  const prefix = address.includes(':') ? 128 : 32
  await exec('ip', ['address', 'replace', `${address}/${prefix}`, 'dev', device])
  return {
    async [Symbol.asyncDispose]() {
      await exec('ip', ['address', 'delete', `${address}/${prefix}`, 'dev', device])
    },
  }
}
