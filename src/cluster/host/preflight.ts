import { readFile, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { findProgram, run } from './command'
import { fail, type Finding, ok, warn } from './check'

export interface PreflightOptions {
  securePort: number
  bindAddress: string
  kubeletPort: number
  /** Where CNI plugins may be, most wanted first. */
  cniBinDirs: readonly string[]
  /** A containerd that runs already; then its binary is not needed. */
  runtimeRunning: boolean
}

/** What a host needs to run real containers. Every check looks; none changes anything. */
export async function checkNodeHost(options: PreflightOptions): Promise<Finding[]> {
  const findings = await Promise.all([
    checkRoot(),
    checkContainerd(options.runtimeRunning),
    checkRunc(),
    checkCniPlugins(options.cniBinDirs),
    checkNft(),
    checkCgroups(),
    checkBridgeFilter(),
    checkLeftovers(),
    checkPort('kubelet port', options.kubeletPort, '0.0.0.0', '--kubelet-port'),
    checkHostname(),
  ])
  return findings
}

/** What every cluster needs, simulated nodes or not. */
export async function checkControlPlaneHost(options: Pick<PreflightOptions, 'securePort' | 'bindAddress'>): Promise<Finding[]> {
  return [await checkPort('API port', options.securePort, options.bindAddress, '--secure-port')]
}

async function checkRoot(): Promise<Finding> {
  const uid = process.getuid?.()
  if (uid === 0) return ok('root', 'yes')
  return fail('root', `running as uid ${uid}`, 'run it with sudo, or use simulated nodes: navarch up --sim 3')
}

async function checkContainerd(running: boolean): Promise<Finding> {
  if (running) return ok('containerd', 'running')
  const path = await findProgram('containerd')
  if (!path) return fail('containerd', 'not found on PATH', 'apt-get install containerd, or navarch up --install', ['containerd'])
  const { stdout } = await run(path, ['--version'])
  const version = /(\d+)\.(\d+)\.(\d+)/.exec(stdout)
  if (!version) return warn('containerd', `${path} says ${stdout.trim()}`, 'its version could not be read; 1.6 or newer is needed')
  const [text, major, minor] = version
  if (Number(major) === 1 && Number(minor) < 6) return fail('containerd', `${text} at ${path}`, 'version 1.6 or newer is needed (CRI v1)', ['containerd'])
  return ok('containerd', `${text} at ${path}`)
}

async function checkRunc(): Promise<Finding> {
  const path = (await findProgram('runc')) ?? (await findProgram('crun'))
  return path ? ok('OCI runtime', path) : fail('OCI runtime', 'neither runc nor crun on PATH', 'apt-get install runc, or navarch up --install', ['runc'])
}

const neededPlugins = ['bridge', 'host-local', 'loopback', 'portmap']

/** The folder that holds all the CNI plugins that are needed, or undefined. */
export async function findCniBinDir(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const found = await Promise.all(neededPlugins.map((plugin) => findProgram(plugin, [folder])))
    if (found.every(Boolean)) return folder
  }
  return undefined
}

async function checkCniPlugins(folders: readonly string[]): Promise<Finding> {
  const folder = await findCniBinDir(folders)
  if (folder) return ok('CNI plugins', folder)
  return fail(
    'CNI plugins',
    `${neededPlugins.join(', ')} are not together in any of ${folders.join(', ')}`,
    'apt-get install containernetworking-plugins, or navarch up --install',
    ['containernetworking-plugins'],
  )
}

async function checkNft(): Promise<Finding> {
  const path = await findProgram('nft')
  if (!path) return fail('nft', 'not found on PATH', 'apt-get install nftables, or navarch up --install', ['nftables'])
  const { code, stderr } = await run(path, ['list', 'tables'])
  if (code !== 0 && process.getuid?.() === 0)
    return fail('nft', stderr.trim(), 'the kernel refuses nf_tables: it needs CONFIG_NF_TABLES, and CAP_NET_ADMIN in a container')
  return ok('nft', path)
}

async function checkCgroups(): Promise<Finding> {
  const needed = ['cpu', 'memory', 'pids']
  const unified = await readText('/sys/fs/cgroup/cgroup.controllers')
  if (unified !== undefined) {
    const missing = needed.filter((name) => !unified.split(/\s+/).includes(name))
    return missing.length === 0 ? ok('cgroups', 'v2') : fail('cgroups', `v2 without ${missing.join(', ')}`, 'enable these controllers (kernel command line: cgroup_enable=memory)')
  }
  const mounted = await readdir('/sys/fs/cgroup').catch(() => [])
  const missing = needed.filter((name) => !mounted.some((folder) => folder.split(',').includes(name)))
  if (missing.length === 0) return ok('cgroups', 'v1')
  return fail('cgroups', `no ${missing.join(', ')} under /sys/fs/cgroup`, 'mount the cgroup filesystems (systemd does; in a container run it privileged with --cgroupns=host)')
}

async function checkBridgeFilter(): Promise<Finding> {
  const value = (await readText('/proc/sys/net/bridge/bridge-nf-call-iptables'))?.trim()
  if (value === undefined)
    return warn('bridge filter', 'net.bridge is not there', 'modprobe br_netfilter: without it a pod cannot reach a Service whose endpoint is on the same node')
  return ok('bridge filter', value === '1' ? 'on' : 'off: will be switched on')
}

/** A bridge of an earlier network keeps its address, and the CNI plugin then refuses every pod. */
async function checkLeftovers(): Promise<Finding> {
  const routes = (await readText('/proc/net/route')) ?? ''
  const bridge = routes.split('\n').find((line) => line.startsWith('cni0\t'))
  return bridge ? warn('earlier network', 'a bridge cni0 is there', 'if pods fail with "cni0 already has an IP address different from": ip link delete cni0') : ok('earlier network', 'none')
}

async function checkPort(what: string, port: number, address: string, option: string): Promise<Finding> {
  if (port === 0) return ok(what, 'any free one')
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen(port, address, () => server.close(() => resolve(undefined)))
  })
  if (!error) return ok(what, `${port} is free`)
  if (error.code === 'EADDRINUSE') return fail(what, `${port} is in use`, `stop what listens there, or choose another with ${option}`)
  return fail(what, `${address}:${port}: ${error.message}`, `choose another with ${option}`)
}

async function checkHostname(): Promise<Finding> {
  const name = hostname().toLowerCase()
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) return ok('node name', name)
  return fail('node name', JSON.stringify(name), 'a node needs a name of lower-case letters, digits, "-" and ".": choose one with --hostname-override')
}

const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)
