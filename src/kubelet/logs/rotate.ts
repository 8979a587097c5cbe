import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import { containerNameLabel, podNameLabel, podNamespaceLabel, podUidLabel } from '../pod/labels'
import type { RuntimeContainer, RuntimeService } from '../runtime-service'

export interface RotationLimits { maxBytes: number; maxFiles: number }
/** The original's: 10 Mi each, five of them, looked at every ten seconds. */
const limits: RotationLimits = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 }
const everyMs = 10_000

export interface RotationDeps { runtime: RuntimeService; podLogsDirectory: string; anyPods(): boolean; clock: Clock; log: Log; signal: AbortSignal }

/** Rotates the logs of running containers until the signal ends it. Looks at nothing while there are no pods. */
export async function keepLogsSmall({ runtime, podLogsDirectory, anyPods, clock, log, signal }: RotationDeps): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(everyMs, signal)
      if (!anyPods()) continue
      for (const container of await runtime.listContainers({ state: 'running' })) await rotateLog(logPathOf(container, podLogsDirectory), limits, () => runtime.reopenContainerLog(container.id), clock.now())
    } catch (error) {
      if (!signal.aborted) log.warn('container logs not rotated', { error })
    }
  }
}

function logPathOf({ labels, metadata }: RuntimeContainer, directory: string): string {
  return join(directory, `${labels[podNamespaceLabel] ?? ''}_${labels[podNameLabel] ?? ''}_${labels[podUidLabel] ?? ''}`, labels[containerNameLabel] ?? metadata.name, `${metadata.attempt}.log`)
}

/** Moves a log that has grown too long aside (`0.log.20260102-150405`), lets the runtime begin anew, and drops the oldest. */
export async function rotateLog(path: string, { maxBytes, maxFiles }: RotationLimits, reopen: () => Promise<void>, now: number): Promise<boolean> {
  try {
    if ((await stat(path)).size < maxBytes) return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  const stamp = new Date(now).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  const aside = `${path}.${stamp}`
  await rename(path, aside)
  try {
    await reopen()
  } catch (error) {
    // The runtime still writes to the old file: it must be found under its name.
    await rename(aside, path)
    throw error
  }
  // The one that is written to counts as well.
  for (const old of (await rotated(path)).slice(0, -(maxFiles - 1) || undefined)) await rm(old, { force: true })
  return true
}

export async function removeLog(path: string): Promise<void> {
  for (const file of [path, ...(await rotated(path))]) await rm(file, { force: true })
}

/** The oldest first. */
async function rotated(path: string): Promise<string[]> {
  try {
    const names = await readdir(dirname(path))
    return names.filter((name) => name.startsWith(`${basename(path)}.`)).sort().map((name) => join(dirname(path), name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
