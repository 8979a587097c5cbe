import { statfsSync } from 'node:fs'

export interface ContainerdOptions {
  /** Where images and containers rest: `/var/lib/navarch/containerd`. */
  root: string
  /** What does not outlive a reboot: `/run/navarch/containerd`. */
  state: string
  socket: string
  sandboxImage: string
  cniBinDir: string
  cniConfDir: string
  /** Lowering oom_score_adj takes CAP_SYS_RESOURCE; without it every sandbox fails with "can't get final child's PID from pipe: EOF". */
  restrictOomScoreAdj: boolean
  disableApparmor: boolean
  systemdCgroup: boolean
  /** overlayfs needs a file system that carries it; `native` copies. */
  snapshotter: 'overlayfs' | 'native'
  /** Directory of `<registry>/hosts.toml` files. */
  registryConfigPath?: string
  runtimeBinary?: string
}

export const pauseImageName = 'registry.k8s.io/pause:navarch'

/** What suits most hosts; the caller's preflight says what this host needs. */
export function containerdOptions(given: Partial<ContainerdOptions> & Pick<ContainerdOptions, 'root' | 'state'>): ContainerdOptions {
  return {
    socket: `${given.state}/containerd.sock`, sandboxImage: pauseImageName, cniBinDir: '/opt/cni/bin', cniConfDir: '/etc/cni/net.d',
    restrictOomScoreAdj: false, disableApparmor: false, systemdCgroup: false, snapshotter: 'overlayfs', ...given,
  }
}

/** A config file (version 2) that containerd 1.6, 1.7 and 2.x read. */
export function containerdConfig(options: ContainerdOptions): string {
  const text = (value: string): string => JSON.stringify(value)
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  const lines = [
    'version = 2',
    `root = ${text(options.root)}`,
    `state = ${text(options.state)}`,
    // Nothing of what the kubelet needs is in these.
    'disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]',
    '[grpc]',
    `  address = ${text(options.socket)}`,
    '[plugins."io.containerd.internal.v1.opt"]',
    `  path = ${text(`${options.root}/opt`)}`,
    `[${cri}]`,
    `  sandbox_image = ${text(options.sandboxImage)}`,
    `  restrict_oom_score_adj = ${options.restrictOomScoreAdj}`,
    `  disable_apparmor = ${options.disableApparmor}`,
    '  stream_server_address = "127.0.0.1"',
    '  stream_server_port = "0"',
    '  stream_idle_timeout = "4h0m0s"',
    '  enable_unprivileged_ports = true',
    '  enable_unprivileged_icmp = true',
    `  [${cri}.cni]`,
    `    bin_dir = ${text(options.cniBinDir)}`,
    `    conf_dir = ${text(options.cniConfDir)}`,
    `  [${cri}.containerd]`,
    `    snapshotter = ${text(options.snapshotter)}`,
    '    default_runtime_name = "runc"',
    `    [${cri}.containerd.runtimes.runc]`,
    '      runtime_type = "io.containerd.runc.v2"',
    `      [${cri}.containerd.runtimes.runc.options]`,
    `        SystemdCgroup = ${options.systemdCgroup}`,
    ...(options.runtimeBinary ? [`        BinaryName = ${text(options.runtimeBinary)}`] : []),
    ...(options.registryConfigPath ? [`  [${cri}.registry]`, `    config_path = ${text(options.registryConfigPath)}`] : []),
  ]
  return `${lines.join('\n')}\n`
}

const overlayMagic = 0x794c7630

/** An overlay on an overlay (a container's root) does not work: then images are copied. */
export function snapshotterFor(directory: string): 'overlayfs' | 'native' {
  return statfsSync(directory).type === overlayMagic ? 'native' : 'overlayfs'
}
