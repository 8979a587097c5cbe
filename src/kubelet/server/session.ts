import type { Pod } from '#api/core/v1/types'
import { containerNameLabel, podUidLabel } from '../pod/labels'
import type { RuntimeService } from '../runtime-service'
import { HttpError } from './http-error'

/** A one-use URL of the runtime's streaming server; `wants` for exec and attach. */
export interface Session { url: string; wants?: { stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean } }

/** Prepares exec, attach or port-forward with the runtime. Takes the kubelet's own query (`input=1`) and the API's (`stdin=true`). */
export async function sessionFor(runtime: RuntimeService, verb: string, pod: Pod, container: string, query: URLSearchParams): Promise<Session> {
  const yes = (...names: string[]): boolean => names.some((name) => ['1', 'true'].includes(query.get(name) ?? ''))
  if (verb === 'portForward') {
    const sandboxes = await runtime.listPodSandboxes({ state: 'ready', labels: { [podUidLabel]: pod.metadata.uid ?? '' } })
    if (!sandboxes[0]) throw new HttpError(404, `pod "${pod.metadata.name}" is not running`)
    // WebSocket clients name ports here, SPDY clients in each stream.
    const ports = query.getAll('port').flatMap((list) => list.split(',')).map(Number)
    return { url: withPorts(await runtime.portForward(sandboxes[0].id, ports), ports) }
  }
  const wants = { stdin: yes('input', 'stdin'), stdout: yes('output', 'stdout'), stderr: yes('error', 'stderr'), tty: yes('tty') }
  if (!wants.stdin && !wants.stdout && !wants.stderr) throw new HttpError(400, 'you must specify at least 1 of stdin, stdout, stderr')
  // A terminal has one output.
  if (wants.tty) wants.stderr = false
  const containerId = await runningContainer(runtime, pod, container)
  switch (verb) {
    case 'exec':
      return { url: await runtime.exec({ containerId, command: query.getAll('command'), ...wants }), wants }
    case 'attach':
      return { url: await runtime.attach({ containerId, ...wants }), wants }
    default:
      throw new HttpError(404, '404 page not found')
  }
}

function withPorts(url: string, ports: readonly number[]): string {
  return ports.length > 0 ? `${url}?${ports.map((port) => `port=${port}`).join('&')}` : url
}

export async function runningContainer(runtime: RuntimeService, pod: Pod, name: string): Promise<string> {
  const found = await runtime.listContainers({ state: 'running', labels: { [podUidLabel]: pod.metadata.uid ?? '', [containerNameLabel]: name } })
  if (!found[0]) throw new HttpError(404, `container not found ("${name}")`)
  return found[0].id
}
