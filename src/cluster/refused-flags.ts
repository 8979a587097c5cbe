import type { RefusedFlags } from '#component-base/options/whole'

const goes = 'this program logs lines of JSON or text by itself; -v says how much'
const profiles = 'this is no Go program: node --cpu-prof and node --inspect show what it does'
const etcdIs = 'objects rest in the data directory, or in the etcd that --etcd-servers names'
const cache = 'every resource is kept in memory from the first read on, as large as it is'
const oneRing = 'metrics are served as they are; drop what you do not want where you scrape'
const coordinated = 'components that lead are the parts of one process, or hold plain leases'
const kubelets = 'kubelets are reached with the certificates of the data directory (pki/apiserver-kubelet-client.crt)'
const serving = 'put apiserver.crt and apiserver.key into the folder pki of the data directory, signed by its ca.crt; --tls-san adds names to the certificate that is made there'
const ciphers = 'Node chooses from what OpenSSL has; --tls-min-version=VersionTLS13 leaves the modern ones only'
const peers = 'API servers of several versions beside each other are not supported'
const port = 'one process listens on the port; --api-workers N lets several serve it'

/** Flags of kube-apiserver that are not built. `only`: what is done anyway. */
export const refusedFlags: RefusedFlags = {
  'admission-control': { why: 'it is deprecated: use --enable-admission-plugins and --disable-admission-plugins' },
  'allow-metric-labels': { why: oneRing }, 'allow-metric-labels-manifest': { why: oneRing }, 'disabled-metrics': { why: oneRing }, 'show-hidden-metrics-for-version': { why: oneRing },
  'allow-privileged': { why: 'privileged containers are for Pod Security to refuse: label namespaces, or set defaults with --admission-control-config-file', only: 'true' },
  'cert-dir': { why: serving }, 'tls-cert-file': { why: serving }, 'tls-private-key-file': { why: serving }, 'tls-sni-cert-key': { why: 'one certificate is served: --tls-san adds names to it' },
  'tls-cipher-suites': { why: ciphers }, 'tls-curve-preferences': { why: ciphers },
  'contention-profiling': { why: profiles, only: 'false' }, 'debug-socket-path': { why: profiles, only: '' }, 'profiling': { why: profiles, only: 'false' },
  'coordinated-leadership-lease-duration': { why: coordinated }, 'coordinated-leadership-renew-deadline': { why: coordinated }, 'coordinated-leadership-retry-period': { why: coordinated },
  'delete-collection-workers': { why: 'collections are deleted one object after another', only: '1' },
  'disable-http2-serving': { why: 'HTTP/2 and HTTP/1.1 are served on the same port, as clients ask', only: 'false' },
  'egress-selector-config-file': { why: 'nodes are reached directly: tunnels to them (konnectivity) are not built' },
  'enable-garbage-collector': { why: 'dependents are deleted by the controller garbage-collector-controller: leave it out with --controllers=*,-garbage-collector-controller', only: 'true' },
  'enable-logs-handler': { why: '/logs would serve files of /var/log: read them on the machine', only: 'false' },
  'endpoint-reconciler-type': { why: 'API servers over one etcd keep their addresses by leases; one alone writes its own', only: 'lease' },
  'etcd-compaction-interval': { why: 'history is kept for five minutes' , only: '5m0s' }, 'etcd-count-metric-poll-period': { why: 'objects are counted as they come and go' },
  'etcd-db-metric-poll-interval': { why: etcdIs }, 'etcd-healthcheck-timeout': { why: etcdIs }, 'etcd-readycheck-timeout': { why: etcdIs }, 'etcd-servers-overrides': { why: `one store for all resources: ${etcdIs}` },
  'lease-reuse-duration-seconds': { why: 'each event has its own time to live' }, 'storage-backend': { why: etcdIs, only: 'etcd3' },
  'storage-initialization-timeout': { why: 'the start waits for the store as long as it takes' }, 'storage-media-type': { why: 'objects rest in the form that is fastest to read; backups in etcd stay readable to this program alone' },
  'external-hostname': { why: 'certificates get further names by --tls-san; what documents call the server is --service-account-issuer and --service-account-jwks-uri' },
  'kubelet-certificate-authority': { why: kubelets }, 'kubelet-client-certificate': { why: kubelets }, 'kubelet-client-key': { why: kubelets }, 'kubelet-timeout': { why: kubelets },
  'kubelet-preferred-address-types': { why: 'a node is reached by its InternalIP, then by its host name', only: 'InternalIP,ExternalIP,Hostname' },
  'kubernetes-service-node-port': { why: 'the Service kubernetes is a ClusterIP: put a load balancer before --secure-port', only: '0' },
  'livez-grace-period': { why: '/livez fails until the start is done: give probes an initial delay', only: '0s' },
  'log-flush-frequency': { why: goes }, 'log-json-info-buffer-size': { why: goes }, 'log-json-split-stream': { why: goes, only: 'false' }, 'log-text-info-buffer-size': { why: goes }, 'log-text-split-stream': { why: goes, only: 'false' },
  'logging-format': { why: goes }, 'vmodule': { why: goes, only: '' },
  'max-connection-bytes-per-sec': { why: 'connections are as fast as they are', only: '0' }, 'tracing-config-file': { why: 'spans are not recorded' },
  'peer-advertise-ip': { why: peers }, 'peer-advertise-port': { why: peers }, 'peer-ca-file': { why: peers },
  'permit-address-sharing': { why: port, only: 'false' }, 'permit-port-sharing': { why: port, only: 'false' },
  'send-retry-after-while-not-ready-once': { why: 'while the server starts, its port is closed', only: 'false' },
  'service-account-signing-endpoint': { why: 'tokens are signed with --service-account-signing-key-file, or with the key of the data directory' },
  'watch-cache': { why: cache, only: 'true' }, 'watch-cache-sizes': { why: cache },
}
