import type { Quantity } from '#apimachinery/meta/v1/scalars'
import type { Observations } from '../eviction/thresholds'

/** What a kubelet tells of the machine it runs on. `linux-machine.ts` looks, simulations say what they like. */
export interface Machine {
  /** Whole resources: `cpu`, `memory`, `ephemeral-storage`, `hugepages-2Mi`, ... (pods are added by the kubelet). */
  readonly capacity: Readonly<Record<string, Quantity>>
  readonly info: MachineInfo
  /** What is left of memory, disk and processes; asked at every heartbeat. Without it nothing ever runs short. */
  observe?(): Promise<Observations>
}

export interface MachineInfo {
  machineID: string
  systemUUID: string
  bootID: string
  kernelVersion: string
  osImage: string
  /** As Go writes it: `linux`, `amd64`. */
  operatingSystem: string
  architecture: string
}

export interface Pressure { memory: boolean; disk: boolean; pid: boolean }

/** A machine that exists in words only, with all it promises. */
export function pretendedMachine(name: string, capacity: Readonly<Record<string, Quantity>>): Machine {
  return {
    capacity,
    info: { machineID: name, systemUUID: name, bootID: name, kernelVersion: '6.0.0-simulated', osImage: 'Simulated', operatingSystem: 'linux', architecture: 'amd64' },
  }
}
