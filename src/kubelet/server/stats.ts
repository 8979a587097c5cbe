import { readFile, statfs } from 'node:fs/promises'
import type { Pod } from '#api/core/v1/types'
import { containerNameLabel, podUidLabel } from '../pod/labels'
import { toTime } from '../pod/time'
import type { ContainerStats, ImageService, RuntimeService } from '../runtime-service'

export interface StatsDeps { runtime: RuntimeService; images: ImageService; nodeName: string; rootDirectory: string; startedAt: number; pods(): Pod[]; now(): number }

interface Usage { time: string; cpuNanoSeconds?: number; cpuNanoCores?: number; workingSet?: number; usage?: number; rss?: number; available?: number; faults?: number; majorFaults?: number }

/** /stats/summary: what the metrics server and dashboards read. */
export async function statsSummary(deps: StatsDeps): Promise<object> {
  const [stats, disk, images, node] = await Promise.all([deps.runtime.listContainerStats(), statfs(deps.rootDirectory), deps.images.imageFsInfo(), nodeUsage(deps.now())])
  const time = toTime(deps.now())
  const fs = { time, availableBytes: disk.bavail * disk.bsize, capacityBytes: disk.blocks * disk.bsize, usedBytes: (disk.blocks - disk.bfree) * disk.bsize, inodesFree: disk.ffree, inodes: disk.files, inodesUsed: disk.files - disk.ffree }
  const imageFs = { ...fs, usedBytes: images[0]?.usedBytes ?? 0, inodesUsed: images[0]?.inodesUsed ?? 0 }
  const byPod = groupByPod(stats)
  return {
    node: { nodeName: deps.nodeName, startTime: toTime(deps.startedAt), cpu: cpuOf(node), memory: memoryOf(node), fs, runtime: { imageFs, containerFs: imageFs } },
    pods: deps.pods().flatMap((pod) => {
      const containers = byPod.get(pod.metadata.uid ?? '') ?? []
      if (containers.length === 0) return []
      const parts = containers.map((one) => usageOf(one))
      const all = sum(parts)
      return {
        podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace ?? '', uid: pod.metadata.uid ?? '' },
        startTime: pod.status.startTime ?? time,
        containers: containers.map((one, i) => ({
          name: one.labels[containerNameLabel] ?? one.metadata.name, startTime: startOf(pod, one) ?? time, cpu: cpuOf(parts[i]!), memory: memoryOf(parts[i]!),
          rootfs: { ...fs, usedBytes: one.writableLayer?.usedBytes ?? 0, inodesUsed: one.writableLayer?.inodesUsed ?? 0 },
        })),
        cpu: cpuOf(all), memory: memoryOf(all),
        'ephemeral-storage': { ...fs, usedBytes: containers.reduce((total, one) => total + (one.writableLayer?.usedBytes ?? 0), 0) },
      }
    }),
  }
}

/** /metrics/resource, in Prometheus' text format. */
export async function resourceMetrics(deps: StatsDeps): Promise<string> {
  const [stats, node] = await Promise.all([deps.runtime.listContainerStats(), nodeUsage(deps.now())])
  const pods = new Map(deps.pods().map((pod) => [pod.metadata.uid ?? '', pod]))
  const known = stats.filter((one) => pods.has(one.labels[podUidLabel] ?? ''))
  const lines: string[] = []
  const family = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly [labels: string, value: number | undefined, at: number][]): void => {
    lines.push(`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`)
    for (const [labels, value, at] of samples) if (value !== undefined) lines.push(`${name}${labels} ${value} ${Math.round(at)}`)
  }
  const labelsOf = (one: ContainerStats): string => {
    const { name, namespace } = pods.get(one.labels[podUidLabel]!)!.metadata
    return `{container="${one.labels[containerNameLabel] ?? one.metadata.name}",namespace="${namespace ?? ''}",pod="${name}"}`
  }
  const seconds = (nanos: number | undefined): number | undefined => (nanos === undefined ? undefined : nanos / 1e9)
  family('container_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the container in core-seconds', known.map((one) => [labelsOf(one), seconds(one.cpuUsageCoreNanoSeconds), one.timestamp]))
  family('container_memory_working_set_bytes', 'gauge', 'Current working set of the container in bytes', known.map((one) => [labelsOf(one), one.memoryWorkingSetBytes, one.timestamp]))
  family('container_start_time_seconds', 'gauge', 'Start time of the container since unix epoch in seconds', known.map((one) => [labelsOf(one), Date.parse(startOf(pods.get(one.labels[podUidLabel]!)!, one) ?? '') / 1000 || undefined, one.timestamp]))
  family('node_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the node in core-seconds', [['', seconds(node.cpuNanoSeconds), deps.now()]])
  family('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', [['', node.workingSet, deps.now()]])
  const groups = [...groupByPod(known)].map(([uid, group]) => {
    const { name, namespace } = pods.get(uid)!.metadata
    return { labels: `{namespace="${namespace ?? ''}",pod="${name}"}`, all: sum(group.map(usageOf)), at: group[0]!.timestamp }
  })
  family('pod_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the pod in core-seconds', groups.map(({ labels, all, at }) => [labels, seconds(all.cpuNanoSeconds), at]))
  family('pod_memory_working_set_bytes', 'gauge', 'Current working set of the pod in bytes', groups.map(({ labels, all, at }) => [labels, all.workingSet, at]))
  family('resource_scrape_error', 'gauge', '1 if there was an error while getting container metrics, 0 otherwise', [['', 0, deps.now()]])
  return `${lines.join('\n')}\n`
}

function groupByPod(stats: readonly ContainerStats[]): Map<string, ContainerStats[]> {
  const groups = new Map<string, ContainerStats[]>()
  for (const one of stats) {
    const uid = one.labels[podUidLabel] ?? ''
    const group = groups.get(uid)
    if (group) group.push(one)
    else groups.set(uid, [one])
  }
  return groups
}

function usageOf(one: ContainerStats): Usage {
  const usage: Usage = { time: toTime(one.timestamp) ?? '' }
  if (one.cpuUsageCoreNanoSeconds !== undefined) usage.cpuNanoSeconds = one.cpuUsageCoreNanoSeconds
  if (one.cpuUsageNanoCores !== undefined) usage.cpuNanoCores = one.cpuUsageNanoCores
  if (one.memoryWorkingSetBytes !== undefined) usage.workingSet = one.memoryWorkingSetBytes
  if (one.memoryUsageBytes !== undefined) usage.usage = one.memoryUsageBytes
  if (one.memoryRssBytes !== undefined) usage.rss = one.memoryRssBytes
  if (one.memoryPageFaults !== undefined) usage.faults = one.memoryPageFaults
  if (one.memoryMajorPageFaults !== undefined) usage.majorFaults = one.memoryMajorPageFaults
  return usage
}

function sum(parts: readonly Usage[]): Usage {
  const all: Usage = { time: parts[0]?.time ?? '' }
  for (const part of parts) for (const key of ['cpuNanoSeconds', 'cpuNanoCores', 'workingSet', 'usage', 'rss', 'faults', 'majorFaults'] as const) if (part[key] !== undefined) all[key] = (all[key] ?? 0) + part[key]
  return all
}

const cpuOf = ({ time, cpuNanoCores, cpuNanoSeconds }: Usage): object => ({ time, usageNanoCores: cpuNanoCores, usageCoreNanoSeconds: cpuNanoSeconds })
const memoryOf = ({ time, available, usage, workingSet, rss, faults, majorFaults }: Usage): object => ({ time, availableBytes: available, usageBytes: usage, workingSetBytes: workingSet, rssBytes: rss, pageFaults: faults, majorPageFaults: majorFaults })

function startOf(pod: Pod, one: ContainerStats): string | undefined {
  const name = one.labels[containerNameLabel]
  return [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? [])].find((status) => status.name === name)?.state.running?.startedAt
}

/** The kernel counts cpu in hundredths of a second. */
async function nodeUsage(now: number): Promise<Usage> {
  const [stat, memory] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8')])
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = stat.split('\n')[0]!.split(/\s+/).slice(1).map(Number)
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0) * 1024
  return { time: toTime(now)!, cpuNanoSeconds: (user + nice + system + irq + soft) * 1e7, workingSet: kib('MemTotal') - kib('MemAvailable'), usage: kib('MemTotal') - kib('MemFree'), rss: kib('AnonPages'), available: kib('MemAvailable') }
}
