import { quantityValue } from '#apimachinery/quantity'
import type { Pressure } from '../node/machine'

/** What may run short, by the original's names. */
export const signals = ['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'imagefs.available', 'imagefs.inodesFree', 'pid.available'] as const
export type Signal = (typeof signals)[number]

/** Bytes, inodes or processes. */
export interface Observation { available: number; capacity: number }
/** What cannot be seen is left out, and never short. */
export type Observations = Partial<Record<Signal, Observation>>

export interface Threshold { signal: Signal; of(capacity: number): number }

/** The original's defaults, as `--eviction-hard` takes them: a quantity, or a share of what there is. */
export const defaultEvictionHard: Readonly<Record<string, string>> = {
  'memory.available': '100Mi', 'nodefs.available': '10%', 'nodefs.inodesFree': '5%', 'imagefs.available': '15%', 'imagefs.inodesFree': '5%',
}

/** Throws with the signal, the value and what would be right. */
export function thresholdsOf(given: Readonly<Record<string, string>>): readonly Threshold[] {
  return Object.entries(given).flatMap(([name, text]): Threshold[] => {
    const signal = signals.find((one) => one === name)
    if (!signal) throw new Error(`eviction signal ${name} is not known: ${signals.join(', ')} are`)
    const share = /^(\d+(?:\.\d+)?)%$/.exec(text)
    if (share) {
      const fraction = Number(share[1]) / 100
      if (fraction > 1) throw new Error(`eviction threshold ${signal}: ${text} must be between 0% and 100%`)
      // As in the original, either of these switches the threshold off.
      return fraction === 0 || fraction === 1 ? [] : [{ signal, of: (capacity) => Math.trunc(capacity * fraction) }]
    }
    let value: number
    try {
      value = quantityValue(text)
    } catch (error) {
      throw new Error(`eviction threshold ${signal}: "${text}" must be a quantity such as 100Mi, or a share such as 10%`, { cause: error })
    }
    return [{ signal, of: () => value }]
  })
}

export function metThresholds(thresholds: readonly Threshold[], observations: Observations): Threshold[] {
  return thresholds.filter(({ signal, of }) => {
    const seen = observations[signal]
    return seen !== undefined && seen.available < of(seen.capacity)
  })
}

/** What pods are evicted for. */
export const resourceOf: Readonly<Record<Signal, 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'>> = {
  'memory.available': 'memory', 'nodefs.available': 'ephemeral-storage', 'imagefs.available': 'ephemeral-storage', 'nodefs.inodesFree': 'inodes', 'imagefs.inodesFree': 'inodes', 'pid.available': 'pids',
}

export const conditionOf = (signal: Signal): keyof Pressure => (signal === 'memory.available' ? 'memory' : signal === 'pid.available' ? 'pid' : 'disk')
