import { pods as podResource } from '#api/core/v1/pod'
import type { ObjectReference, Pod } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import { about, type EventRecorder } from '#client/events'
import { isCriticalPod } from '#component-helpers/priorities'
import { tolerates } from '#component-helpers/tolerations'
import type { Log } from '#component-base/log'
import type { Machine, Pressure } from '../node/machine'
import type { Refusal } from '../pod/admission'
import type { Verdict } from '../pod/pod-workers'
import { podQos } from '../pod/qos'
import type { PodUsages } from './pod-usage'
import { diskLimitExceeded, evictionWords, limitsDisk, rankForEviction } from './rank'
import { conditionOf, metThresholds, type Observations, resourceOf, type Threshold } from './thresholds'

/** Ends pods before the machine runs out of something, as few as can be. */
export interface EvictionManager {
  /** Looks, frees, evicts at most one pod for what is short; what is short now, or was within the last minutes. */
  synchronize(): Promise<Pressure>
  /** Why a pod may not start now. */
  refuse(pod: Pod): Refusal | undefined
}

export interface EvictionOptions {
  thresholds: readonly Threshold[]
  /** How long the node says after a shortage that it has it, so that pods do not come and go. */
  transitionMs: number
}

export interface EvictionDeps {
  machine: Pick<Machine, 'observe'>
  /** Pods that run or are to. */
  pods(): readonly Pod[]
  usages?: PodUsages
  /** Takes away what nobody uses: ended containers, images. */
  freeDisk?(): Promise<void>
  evict(uid: string, verdict: Verdict, gracePeriodSeconds: number): void
  self: ObjectReference
  recorder: EventRecorder
  clock: Clock
  log: Log
}

const order: readonly (keyof Pressure)[] = ['memory', 'disk', 'pid']
const conditionNames: Readonly<Record<keyof Pressure, string>> = { memory: 'MemoryPressure', disk: 'DiskPressure', pid: 'PIDPressure' }
/** A hard threshold leaves a pod only a moment. */
const grace = 1

export function createEvictionManager({ thresholds, transitionMs }: EvictionOptions, deps: EvictionDeps): EvictionManager {
  const { machine, recorder, clock, log } = deps
  const lastSeen = new Map<keyof Pressure, number>()
  let pressure: Pressure = { memory: false, disk: false, pid: false }

  const evict = (pod: Pod, message: string, annotations?: Record<string, string>): boolean => {
    if (isCriticalPod(pod)) return false
    recorder.event(about(podResource, pod), 'Warning', 'Evicted', message, annotations)
    deps.evict(pod.metadata.uid ?? '', { reason: 'Evicted', message, disruption: 'TerminationByKubelet' }, grace)
    return true
  }

  /** Pods that break their own limits go whether or not the disk is full. */
  async function enforceDiskLimits(): Promise<boolean> {
    const limited = deps.pods().filter(limitsDisk)
    if (limited.length === 0 || !deps.usages) return false
    const usages = await deps.usages.of(limited, { withDisk: true })
    let any = false
    for (const pod of limited) {
      const usage = usages.get(pod.metadata.uid ?? '')
      const message = usage && diskLimitExceeded(pod, usage)
      if (message && evict(pod, message)) any = true
    }
    return any
  }

  async function reclaim(met: readonly Threshold[], observations: Observations): Promise<void> {
    // Memory first, as the original has it.
    const worst = met.find(({ signal }) => signal === 'memory.available') ?? met[0]!
    const resource = resourceOf[worst.signal]
    recorder.event(deps.self, 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`)
    const isDisk = conditionOf(worst.signal) === 'disk'
    if (isDisk && deps.freeDisk) {
      await deps.freeDisk().catch((error: unknown) => log.warn('disk space not freed', { error }))
      const now = await machine.observe?.()
      if (now && metThresholds([worst], now).length === 0) return
    }
    const candidates = deps.pods()
    const usages = (await deps.usages?.of(candidates, { withDisk: isDisk })) ?? new Map()
    for (const pod of rankForEviction(candidates, resource, usages)) {
      const { message, annotations } = evictionWords(pod, worst, observations[worst.signal]!, usages.get(pod.metadata.uid ?? ''))
      if (evict(pod, message, annotations)) return
    }
    log.warn('the machine is short of something, and no pod can be evicted', { resource })
  }

  return {
    async synchronize() {
      let observations: Observations
      try {
        observations = (await machine.observe?.()) ?? {}
      } catch (error) {
        // A heartbeat must not end because the machine cannot be looked at, or the runtime does not say where its images are.
        log.warn('what is left of memory and disk is not known', { error })
        return pressure
      }
      const met = metThresholds(thresholds, observations)
      const now = clock.monotonic()
      for (const { signal } of met) lastSeen.set(conditionOf(signal), now)
      const holds = (name: keyof Pressure): boolean => now - (lastSeen.get(name) ?? -Infinity) < transitionMs
      pressure = { memory: holds('memory'), disk: holds('disk'), pid: holds('pid') }
      try {
        if (!(await enforceDiskLimits()) && met.length > 0) await reclaim(met, observations)
      } catch (error) {
        log.warn('eviction not finished, will look again', { error })
      }
      return pressure
    },
    refuse(pod) {
      const short = order.filter((name) => pressure[name])
      if (short.length === 0 || isCriticalPod(pod)) return undefined
      if (short.length === 1 && pressure.memory) {
        if (podQos(pod) !== 'BestEffort') return undefined
        const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' } as const
        if (pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint))) return undefined
      }
      return { reason: 'Evicted', message: `The node had condition: [${short.map((name) => conditionNames[name]).join(' ')}]. ` }
    },
  }
}
