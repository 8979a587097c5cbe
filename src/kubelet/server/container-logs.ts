import { stat } from 'node:fs/promises'
import type { Pod } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import { readRuntimePod } from '../kuberuntime/read-runtime'
import type { LogOptions } from '../logs/read-logs'
import { readLogs } from '../logs/read-logs'
import { findContainer } from '../kuberuntime/container-path'
import type { RuntimeService } from '../runtime-service'
import { HttpError } from './http-error'

/** The log of a container, the one before it with `previous`. Throws HttpError in the words kubectl shows. */
export async function containerLogs(pod: Pod, name: string, query: URLSearchParams, { runtime, clock }: { runtime: RuntimeService; clock: Clock }, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  if (!findContainer(pod, name)) throw new HttpError(404, `container "${name}" not found in pod "${pod.metadata.name}"`)
  const options = logOptions(query, clock.now())
  const previous = query.get('previous') === 'true'
  const runtimePod = await readRuntimePod(runtime, '', pod.metadata.uid ?? '', pod.metadata.name, pod.metadata.namespace ?? '')
  const records = runtimePod.containers.filter((record) => record.name === name)
  const status = [...(pod.status.containerStatuses ?? []), ...(pod.status.initContainerStatuses ?? []), ...(pod.status.ephemeralContainerStatuses ?? [])].find((one) => one.name === name)
  const waiting = status?.state.waiting?.reason
  if (previous && !records[1] && !(records[0]?.state === 'exited' && waiting)) throw new HttpError(400, `previous terminated container "${name}" in pod "${pod.metadata.name}" not found`)
  // While it waits for its next start, the newest container is the one that ended.
  const record = previous ? (records[0]?.state === 'exited' && waiting ? records[0] : records[1]) : records[0]
  if (!record || record.state === 'created') {
    if (waiting && ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'].includes(waiting)) throw new HttpError(400, `container "${name}" in pod "${pod.metadata.name}" is waiting to start: trying and failing to pull image`)
    throw new HttpError(400, `container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${waiting ?? 'ContainerCreating'}`)
  }
  try {
    await stat(record.logPath)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new HttpError(500, `failed to try resolving symlinks in path "${record.logPath}": no such file`)
    throw error
  }
  const running = async (): Promise<boolean> => (await runtime.listContainers({ id: record.id, state: 'running' })).length > 0
  return readLogs(record.logPath, options, { clock, running }, signal)
}

function logOptions(query: URLSearchParams, now: number): LogOptions {
  const whole = (name: string): number | undefined => {
    const text = query.get(name)
    if (text === null) return undefined
    const value = Number(text)
    if (!Number.isInteger(value) || value < 0) throw new HttpError(422, `{"message": "Invalid request."}`)
    return value
  }
  const tail = query.get('tail')
  const tailLines = tail !== null && tail !== 'all' ? Number(tail) : whole('tailLines')
  const sinceSeconds = whole('sinceSeconds')
  const sinceTime = query.get('sinceTime')
  const limitBytes = whole('limitBytes')
  const stream = (query.get('stream') ?? 'All') as LogOptions['stream']
  if (stream !== 'All' && stream !== 'Stdout' && stream !== 'Stderr') throw new HttpError(400, `invalid stream type "${String(stream)}"`)
  const since = sinceSeconds !== undefined ? now - sinceSeconds * 1000 : sinceTime ? Date.parse(sinceTime) : undefined
  return {
    follow: query.get('follow') === 'true', timestamps: query.get('timestamps') === 'true', stream,
    ...(since === undefined || Number.isNaN(since) ? {} : { since }), ...(tailLines === undefined ? {} : { tailLines }), ...(limitBytes === undefined ? {} : { limitBytes }),
  }
}
