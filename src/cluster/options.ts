import { enablementOptions } from '#apiserver/enablement/options'
import { operationOptions } from '#apiserver/operation'
import { aggregatorOptions } from '#apiserver/aggregator/options'
import { securityOptions } from '#apiserver/security'
import { autoscalerOptions } from '#controllers/horizontal-pod-autoscaler/options'
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
  dataDir: option(types.string, 'data-dir', defaultDataDir(), 'Where the cluster keeps its data: another directory is another cluster.'),
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
  kubeconfig: option(types.string, 'kubeconfig', '', 'The kubeconfig file that gets the cluster as a context. Without it, KUBECONFIG or ~/.kube/config.'),
  etcdServers: option(types.strings, 'etcd-servers', [] as readonly string[], 'URLs of an etcd cluster to keep the objects in, instead of the data directory.'),
  etcdCafile: option(types.string, 'etcd-cafile', '', 'The authority that signed the certificates of etcd.'),
  etcdCertfile: option(types.string, 'etcd-certfile', '', 'The client certificate for etcd.'),
  etcdKeyfile: option(types.string, 'etcd-keyfile', '', 'The key of the client certificate for etcd.'),
  etcdPrefix: option(types.string, 'etcd-prefix', '/registry', 'What every key in etcd begins with.'),
  serviceClusterIPRange: option(types.string, 'service-cluster-ip-range', '10.96.0.0/16', 'Where the addresses of Services come from.'),
  serviceNodePortRange: option(types.portRange, 'service-node-port-range', { from: 30000, to: 32767 }, 'Where node ports come from.'),
  tlsSans: option(types.strings, 'tls-san', [] as readonly string[], 'Further names and addresses that clients reach the API server by.'),
  v: option(types.int, 'v', 0, 'How much is logged: 0 what matters to people, 4 what helps to debug.', atLeast(0)),
}
export type ControlPlaneOptions = OptionsOf<typeof controlPlaneOptions>

/** A whole cluster: the control plane and its nodes. */
export const clusterOptions = {
  ...controlPlaneOptions,
  sim: option(maybeInt, 'sim', undefined, 'Simulated nodes instead of a real one; 0 is a control plane alone.', (n) => (n === undefined || n >= 0 ? undefined : 'must be at least 0')),
  clusterCIDR: option(types.string, 'cluster-cidr', '10.244.0.0/16', 'Where the addresses of pods come from.'),
  clusterDomain: option(types.string, 'cluster-domain', 'cluster.local', 'The DNS domain of the cluster.'),
  controllers: option(types.strings, 'controllers', ['*'], 'Controllers to run: "*" all that are on by default, "foo" foo, "-foo" not foo.'),
  ...autoscalerOptions,
  schedulerConfig: option(types.string, 'scheduler-config', '', "A KubeSchedulerConfiguration file: kube-scheduler's --config."),
  hostnameOverride: option(types.string, 'hostname-override', '', 'The name of this node; by default the host name.'),
  nodeIP: option(types.string, 'node-ip', '', 'The address of this node; by default the one that the default route leaves by.'),
  containerRuntimeEndpoint: option(types.string, 'container-runtime-endpoint', '', 'The socket of a CRI runtime; by default a containerd that runs, or one of our own.'),
  kubeletPort: option(types.int, 'kubelet-port', 10250, 'The port of the kubelet server (logs, exec).', port),
  ...nodeOptions,
  install: option(types.bool, 'install', false, 'Install the Debian packages that are missing.'),
  detach: option(types.bool, 'detach', false, 'Go on in the background once the cluster is ready (also -d).'),
}
export type ClusterOptions = OptionsOf<typeof clusterOptions>
