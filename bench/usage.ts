import { readFileSync } from 'node:fs'

/** CPU of these processes and of their children that ended, in seconds. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    for (const at of [11, 12, 13, 14]) ticks += Number(fields[at])
  }
  return ticks / 100
}

/** Memory of these processes, each shared page counted by its share, in bytes. */
export function memoryBytes(pids: readonly number[]): number {
  return sumOf(pids, 'smaps_rollup', /^Pss:\s+(\d+)/m)
}

/** The most that these processes ever held at once (shared pages included), in bytes. */
export function peakBytes(pids: readonly number[]): number {
  return sumOf(pids, 'status', /^VmHWM:\s+(\d+)/m)
}

function sumOf(pids: readonly number[], file: string, kilobytes: RegExp): number {
  return pids.reduce((sum, pid) => sum + Number(kilobytes.exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))![1]) * 1024, 0)
}
