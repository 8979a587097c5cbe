import type { Container, Probe } from '#api/core/v1/types'

/** What a single look at a container said. `output` goes into the event. */
export interface ProbeOutcome {
  result: 'success' | 'failure' | 'warning'
  output: string
  /** The answer can never change: no need to ask again (simulated containers). */
  settled?: boolean
}
export interface ProbeTarget { containerId: string; container: Container; podIp: string }

/** Asks a container once. Throws when it could not be asked: that counts for nothing. */
export type ProbeRunner = (probe: Probe, target: ProbeTarget, signal: AbortSignal) => Promise<ProbeOutcome>

/** For simulated pods: all is well, for ever. */
export const alwaysWell: ProbeRunner = async () => ({ result: 'success', output: '', settled: true })
