import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Container, HTTPGetAction, LifecycleHandler } from '#api/core/v1/types'
import type { Clock } from '#base/clock'
import type { RuntimeService } from '../runtime-service'

export interface HookDeps { runtime: RuntimeService; clock: Clock }

/** Runs a postStart or preStop handler; throws when it fails. `seconds` limits it (0: no limit of its own). */
export async function runHook(handler: LifecycleHandler, container: Container, containerId: string, podIp: string, seconds: number, { runtime, clock }: HookDeps, signal: AbortSignal): Promise<void> {
  if (handler.exec) {
    const { exitCode, stdout, stderr } = await runtime.execSync(containerId, handler.exec.command ?? [], seconds)
    if (exitCode !== 0) throw new Error(`command '${(handler.exec.command ?? []).join(' ')}' exited with ${exitCode}: ${Buffer.from(stderr.length > 0 ? stderr : stdout).toString().slice(0, 1024)}`)
  } else if (handler.httpGet) {
    const status = await httpGet(handler.httpGet, container, podIp, seconds > 0 ? AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]) : signal)
    if (status >= 400) throw new Error(`HTTP status ${status}`)
  } else if (handler.sleep) {
    await clock.sleep(handler.sleep.seconds * 1000, signal)
  } else {
    throw new Error(`invalid handler: ${JSON.stringify(handler)}`)
  }
}

/** A port by number or by its name in the container. */
export function resolvePort(port: number | string, container: Pick<Container, 'ports'>): number {
  if (typeof port === 'number') return port
  if (/^\d+$/.test(port)) return Number(port)
  const named = container.ports?.find((one) => one.name === port)
  if (!named) throw new Error(`couldn't find port: ${port}`)
  return named.containerPort
}

function httpGet(action: HTTPGetAction, container: Container, podIp: string, signal: AbortSignal): Promise<number> {
  const secure = action.scheme?.toUpperCase() === 'HTTPS'
  const headers = Object.fromEntries((action.httpHeaders ?? []).map(({ name, value }) => [name, value]))
  const options = { host: action.host || podIp, port: resolvePort(action.port, container), path: action.path || '/', headers, signal, ...(secure ? { rejectUnauthorized: false } : {}) }
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', reject).end()
  })
}
