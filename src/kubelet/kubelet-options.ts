import { hostname } from 'node:os'
import { defaultEvictionHard, thresholdsOf } from './eviction/thresholds'
import type { NodeManagerOptions } from './node/node-manager'
import { amount } from './pod/amount'

export interface KubeletOptions extends NodeManagerOptions {
  clusterDomain: string
  /** Longest wait before a container that keeps failing is started again. */
  maxRestartBackOffMs: number
  /** What must be left of memory, disk and processes, as `--eviction-hard` says it: `{ 'memory.available': '100Mi', 'nodefs.available': '10%' }`. */
  evictionHard: Readonly<Record<string, string>>
  /** How long a shortage is told after it ended. */
  evictionPressureTransitionMs: number
}

/** Makes options whole. Throws with the field, the value and what would be right. */
export function kubeletOptions(given: Partial<KubeletOptions>): KubeletOptions {
  const nodeName = given.nodeName ?? hostname().toLowerCase()
  const options: KubeletOptions = {
    nodeName, hostname: nodeName, nodeIps: ['127.0.0.1'], labels: {}, annotations: {}, taints: [], unschedulable: false, providerId: '', maxPods: 110,
    port: 10250, reserved: {}, registerNode: true, leaseDurationSeconds: 40, statusReportMs: 300_000, clusterDomain: 'cluster.local', maxRestartBackOffMs: 300_000,
    evictionHard: defaultEvictionHard, evictionPressureTransitionMs: 300_000, ...given,
  }
  const wrong = (field: string, value: unknown, remedy: string): never => {
    throw new Error(`kubelet option ${field}: ${JSON.stringify(value)}: ${remedy}`)
  }
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(options.nodeName)) wrong('nodeName', options.nodeName, 'must be a lower case DNS name')
  if (options.nodeIps.length === 0) wrong('nodeIps', options.nodeIps, 'must hold at least one address')
  if (!Number.isInteger(options.maxPods) || options.maxPods < 0) wrong('maxPods', options.maxPods, 'must be a whole number, 0 or more')
  if (!(options.leaseDurationSeconds > 0)) wrong('leaseDurationSeconds', options.leaseDurationSeconds, 'must be greater than 0')
  if (!(options.maxRestartBackOffMs >= 1000 && options.maxRestartBackOffMs <= 300_000)) wrong('maxRestartBackOffMs', options.maxRestartBackOffMs, 'must be between 1000 and 300000')
  thresholdsOf(options.evictionHard)
  for (const [name, quantity] of Object.entries(options.reserved)) {
    try {
      amount(quantity)
    } catch (error) {
      throw new Error(`kubelet option reserved.${name}: ${(error as Error).message}, write it like "200Mi"`, { cause: error })
    }
  }
  return options
}
