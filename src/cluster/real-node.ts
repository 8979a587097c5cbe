import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { createDisposables } from '#base/disposal'
import { createClient } from '#client/create-client'
import { createHttpTransport } from '#client/http-transport'
import { createInformers } from '#client/informers'
import { replaceableTransport } from '#client/replaceable-transport'
import { type NodeCertificate, requestCertificate, rotationTime } from '#kubelet/certificate/request-certificate'
import { keepCertificateFresh } from '#kubelet/certificate/rotating-certificate'
import { kubernetesVersion } from '#component-base/version'
import type { Component, RunningComponent } from '#component-base/component'
import type { Log } from '#component-base/log'
import { createCni } from '#cni/component'
import { createDns } from '#dns/component'
import { answers, startContainerd } from '#kubelet/cri/containerd'

import { certificateToPem } from '#component-base/certs/certificate'
import { keyPairToPem } from '#component-base/certs/issue'
import { createLinuxKubelet } from '#kubelet/linux-kubelet'
import { createProxy } from '#proxy/component'
import type { ClusterParts } from './cluster'
import { isLoopback, serviceAddress } from './control-plane'
import { completePath } from './host/command'
import { guardPorts } from './host/guard'
import { ensureDnsObjects } from './dns-addon'
import { heldAddresses } from './held-addresses'
import { bootstrapUser, dnsUser, nodeUser, proxyUser } from './identities'
import { localVolumes } from './local-volumes'
import { ensureNodePolicy, keepIdentity, nodeIdentity } from './node-identity'
import { ownRuntimeOptions, ownRuntimeState } from './own-runtime'
import type { StateDirectory } from './state-directory'

export { cniBinDirs } from './own-runtime'
/** A containerd that the machine runs anyway. */
export const machineSocket = '/run/containerd/containerd.sock'

/** A containerd of our own. */
export const ownSocket = `${ownRuntimeState}/containerd.sock`
/** Where collectors of logs look. */
export const podLogsDirectory = '/var/log/pods'

/** This machine as a node: a container runtime, the kubelet, the pod network, the service proxy, DNS. */
export function realNode(directory: StateDirectory, nodeIP: string, log: Log): (parts: ClusterParts) => readonly Component[] {
  return ({ options, clientFor, informersFor, controlPlane }) => {
    completePath()
    const nodeName = options.hostnameOverride || hostname().toLowerCase()
    const runtime = containerRuntime(options.containerRuntimeEndpoint, directory)
    const dns = serviceAddress(options.serviceClusterIPRange, 10)
    const { pki, apiServer } = controlPlane
    const clientCa = certificateToPem(pki.ca.certificate)
    const kubelet: Component = {
      name: 'kubelet',
      async start(context) {
        const disposables = createDisposables()
        try {
          await ensureNodePolicy(controlPlane.client)
          const pkiDirectory = directory.at('kubelet', 'pki')
          const identity = await nodeIdentity(nodeName, pkiDirectory, { bootstrapClient: clientFor(bootstrapUser), authority: pki.ca.certificate, now: context.clock.now(), signal: context.signal })
          const connect = ({ cert, key }: { cert: string; key: string }) => createHttpTransport({ server: apiServer.url, ca: clientCa, cert, key }, { userAgent: `kubelet/${kubernetesVersion.gitVersion}` })
          const transport = disposables.use(replaceableTransport(connect(identity)))
          const client = createClient(transport)
          const informers = disposables.use(createInformers(client, context))
          const issueServing = (): NodeCertificate => {
            const pair = pki.issueServing(`system:node:${nodeName}`, [nodeName, nodeIP, '127.0.0.1', 'localhost'], context.clock.now())
            const { cert, key } = keyPairToPem(pair)
            return { certificate: cert, key, rotateAt: rotationTime(pair.certificate.notBefore.getTime(), pair.certificate.notAfter.getTime(), Math.random()) }
          }
          const serving = issueServing()
          const running = disposables.use(
            await createLinuxKubelet(
              {
                nodeName, nodeIps: [nodeIP], port: options.kubeletPort, clusterDomain: options.clusterDomain, clusterDns: [dns],
                evictionHard: options.evictionHard,
                ...(options.podManifestPath ? { staticPodPath: resolve(options.podManifestPath) } : {}),
                criSocket: runtime.socket(), rootDirectory: directory.at('kubelet'), podLogsDirectory,
                serving: { certificate: serving.certificate, key: serving.key, clientCa, address: nodeIP },
              },
              { client, informers },
            ).start(context),
          )
          const stop = new AbortController()
          const fresh = { clock: context.clock, log: context.log, signal: AbortSignal.any([context.signal, stop.signal]) }
          const rotating = Promise.all([
            keepCertificateFresh({
              name: 'client', rotateAt: identity.rotateAt,
              renew: () => requestCertificate(nodeName, { use: 'client' }, { client, signal: fresh.signal }),
              async changed(issued) {
                await keepIdentity(pkiDirectory, issued)
                await transport.replace(connect({ cert: issued.certificate, key: issued.key }))
              },
            }, fresh),
            keepCertificateFresh({ name: 'serving', rotateAt: serving.rotateAt, renew: async () => issueServing(), changed: ({ certificate, key }) => running.useCertificate(certificate, key) }, fresh),
          ])
          disposables.defer(async () => {
            stop.abort(new Error('the kubelet stops'))
            await rotating
          })
          return { ready: running.ready, [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose]() }
        } catch (error) {
          await disposables[Symbol.asyncDispose]()
          throw error
        }
      },
    }
    const clusterDns: Component = {
      name: 'cluster DNS',
      async start(context) {
        const disposables = createDisposables()
        await ensureDnsObjects(controlPlane.client, dns)
        disposables.use(await heldAddresses(directory).hold(dns))
        try {
          const running = disposables.use(await createDns({ clusterDomain: options.clusterDomain, address: dns }, { informers: informersFor(dnsUser) }).start(context))
          return { ready: running.ready, [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose]() }
        } catch (error) {
          await disposables[Symbol.asyncDispose]()
          throw error
        }
      },
    }
    log.debug('this machine becomes a node', { node: nodeName, address: nodeIP })
    return [
      runtime,
      ...(isLoopback(options.bindAddress) ? [guardPorts({ ports: () => [controlPlane.apiServer.port, options.kubeletPort], from: ['lo', 'cni0'] })] : []),
      createProxy({ nodeName, clusterCIDR: options.clusterCIDR }, { informers: informersFor(proxyUser) }),
      clusterDns,
      localVolumes({ nodeName, directory: directory.at('volumes') }, { client: controlPlane.client, informers: controlPlane.informers }),
      inBackground(createCni({ nodeName, confDir: runtime.cniConfDir, ipamDir: directory.at('cni'), clusterCIDRs: options.clusterCIDR.split(',') }, { informers: informersFor(nodeUser(nodeName)) })),
      kubelet,
    ]
  }
}

/** The network of a node is configured after the node is there, which the kubelet sees to: nobody waits for it here. */
function inBackground(component: Component): Component {
  return { name: component.name, start: async (context): Promise<RunningComponent> => ({ ...(await component.start(context)), ready: Promise.resolve() }) }
}

/** The runtime that was asked for, else a containerd that runs already, else one of our own in the data directory. */
function containerRuntime(endpoint: string, directory: StateDirectory): Component & { socket(): string; cniConfDir: string } {
  let socket = endpoint.replace(/^unix:\/\//, '')
  return {
    name: 'container runtime',
    // Both read it: a containerd of our own shares the usual place, so that a CNI of the user's choice works with either.
    cniConfDir: '/etc/cni/net.d',
    socket: () => socket,
    async start({ clock, log, signal }) {
      if (socket !== '') {
        if (!(await answers(socket))) throw new Error(`--container-runtime-endpoint ${endpoint}: no CRI runtime answers there`)
        return { ready: Promise.resolve(), [Symbol.asyncDispose]: async () => undefined }
      }
      if (await answers(machineSocket)) {
        socket = machineSocket
        return { ready: Promise.resolve(), [Symbol.asyncDispose]: async () => undefined }
      }
      const own = await ownRuntimeOptions(directory)
      socket = own.socket
      // It goes on without us, with its containers: a killed Navarch finds it again.
      if (!(await answers(socket))) await startContainerd(own, { clock, log, signal })
      return { ready: Promise.resolve(), [Symbol.asyncDispose]: async () => undefined }
    },
  }
}

/** The socket of the runtime that a node of this machine uses. Throws when none answers. */
export async function runtimeSocket(endpoint: string): Promise<string> {
  const candidates = endpoint ? [endpoint.replace(/^unix:\/\//, '')] : [ownSocket, machineSocket]
  for (const socket of candidates) if (await answers(socket)) return socket
  throw new Error(`no container runtime answers on ${candidates.join(' or ')}: bring the node up first (navarch up), or name the runtime's socket with --container-runtime-endpoint`)
}

/** Whether `navarch up` finds a runtime that answers already. */
export const runtimeRuns = async (endpoint: string): Promise<boolean> => {
  const sockets = endpoint ? [endpoint.replace(/^unix:\/\//, '')] : [ownSocket, machineSocket]
  return (await Promise.all(sockets.map(answers))).includes(true)
}
