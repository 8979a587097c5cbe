import { isIP } from 'node:net'
import { enablementOptions } from '#apiserver/enablement/options'
import { operationOptions } from '#apiserver/operation'
import { aggregatorOptions } from '#apiserver/aggregator/options'
import { securityOptions } from '#apiserver/security'
import { autoscalerOptions } from '#controllers/horizontal-pod-autoscaler/options'
import type { Level } from '#component-base/log-writer'
import { atLeast, option, type OptionType, port, types } from '#component-base/options/option'
import type { OptionsOf } from '#component-base/options/whole'
import { nodeOptions } from './node-options'
import { defaultDataDir } from './state-directory'

/** A whole number, or not given. */
const maybeInt: OptionType<number | undefined> = {
  name: 'int',
  read: (value) => (value === undefined ? undefined : types.int.read(value)),
  show: (value) => (value === undefined ? '' : String(value)),
}

/** Where a cluster keeps its things: every verb that speaks of a cluster has this. */
export const dataDirOption = {
  dataDir: option(types.string, 'data-dir', defaultDataDir(), 'The directory where the cluster keeps its data: another directory is another cluster.'),
}

/** What the control plane needs to know; names and meanings are those of the original components. */
export const controlPlaneOptions = {
  ...dataDirOption,
  ...enablementOptions,
  ...securityOptions,
  ...aggregatorOptions,
  ...operationOptions,
  securePort: option(types.int, 'secure-port', 6443, 'The port of the API server; 0 takes any free one.', port),
  bindAddress: option(types.ip, 'bind-address', '127.0.0.1', 'The address that the API server listens on; 0.0.0.0 opens it to the network.'),
  advertiseAddress: option(types.string, 'advertise-address', '', 'The address at which other members of the cluster reach the API server; by default the one that it listens on.', (address) => (address === '' || isIP(address) ? undefined : 'must be an IP address')),
  kubeconfig: option(types.string, 'kubeconfig', '', 'The kubeconfig file that the cluster is written to.'),
  etcdServers: option(types.strings, 'etcd-servers', [] as readonly string[], 'URLs of an etcd cluster to keep objects in, instead of the data directory; several control planes may share one.'),
  etcdCafile: option(types.string, 'etcd-cafile', '', 'A file of the authority that signed the certificates of etcd.'),
  etcdCertfile: option(types.string, 'etcd-certfile', '', 'The file of the client certificate for etcd.'),
  etcdKeyfile: option(types.string, 'etcd-keyfile', '', 'The file of the key to --etcd-certfile.'),
  etcdPrefix: option(types.string, 'etcd-prefix', '/registry', 'What every key in etcd begins with.'),
  serviceClusterIPRange: option(types.string, 'service-cluster-ip-range', '10.96.0.0/16', 'The range that Services get their addresses from.'),
  serviceNodePortRange: option(types.portRange, 'service-node-port-range', { from: 30000, to: 32767 }, 'The ports that Services of the types NodePort and LoadBalancer get on every node.'),
  tlsSans: option(types.strings, 'tls-san', [] as readonly string[], 'Further names and addresses that clients reach the API server by, for its certificate.'),
  apiWorkers: option(types.int, 'api-workers', 0, 'So many processes of their own serve the API, over the store of the first; 0: the first one does.', (n) => (n >= 0 && n <= 64 ? undefined : 'must be within 0 and 64')),
  v: option(types.int, 'v', 0, 'How much is logged: 0 what matters to people, 4 what helps to debug.', atLeast(0)),
}
export type ControlPlaneOptions = OptionsOf<typeof controlPlaneOptions>

/** What `-v` means for a log. */
export const logLevel = (v: number): Level => (v >= 4 ? 'debug' : v >= 1 ? 'info' : 'warn')

/** A whole cluster: the control plane and its nodes. */
export const clusterOptions = {
  ...controlPlaneOptions,
  sim: option(maybeInt, 'sim', undefined, 'So many simulated nodes instead of this machine; 0 for a control plane alone.', (n) => (n === undefined || n >= 0 ? undefined : 'must be at least 0')),
  clusterCIDR: option(types.string, 'cluster-cidr', '10.244.0.0/16', 'The range that pods of a real node get their addresses from.'),
  clusterDomain: option(types.string, 'cluster-domain', 'cluster.local', 'The DNS domain that names in the cluster end with.'),
  controllers: option(types.strings, 'controllers', ['*'], 'Controllers to run: "*" for all that are on by default, a name for one more, a name behind "-" for one less: *,-job-controller.'),
  ...autoscalerOptions,
  schedulerConfig: option(types.string, 'scheduler-config', '', "A file with a KubeSchedulerConfiguration, which kube-scheduler calls --config."),
  hostnameOverride: option(types.string, 'hostname-override', '', 'The name of this node; by default the host name.'),
  nodeIP: option(types.string, 'node-ip', '', 'The address of this node; by default the one that the default route leaves by.'),
  containerRuntimeEndpoint: option(types.string, 'container-runtime-endpoint', '', 'The socket of a CRI runtime; by default that of the containerd that runs here, or of one that is started.'),
  kubeletPort: option(types.int, 'kubelet-port', 10250, 'The port of the kubelet, by which the API server gets at logs, exec and port-forward.', port),
  ...nodeOptions,
  install: option(types.bool, 'install', false, 'Install the Debian packages that a real node needs and this machine lacks.'),
  detach: option(types.bool, 'detach', false, 'Go on in the background once the cluster is ready (also -d).'),
}
export type ClusterOptions = OptionsOf<typeof clusterOptions>
