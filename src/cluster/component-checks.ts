import { get } from 'node:https'
import type { HealthCheck } from '#component-base/health'

/** The programs beside the API server that `kubectl get componentstatuses` shows, and where they tell how they are. */
const ports = { scheduler: 10259, 'controller-manager': 10257 } as const
type Name = keyof typeof ports

/** As the original asks: by their secure ports on this machine, whoever they say they are. */
export const probedComponents: readonly HealthCheck[] = (Object.keys(ports) as Name[]).map((name) => ({ name, check: (signal) => probe(`https://127.0.0.1:${ports[name]}/healthz`, signal) }))

function probe(url: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(new Error(`Get ${JSON.stringify(url)}: ${error.message}`, { cause: error }))
    get(url, { rejectUnauthorized: false, agent: false, signal }, (answer) => {
      answer.resume()
      if (answer.statusCode === 200) resolve()
      else failed(new Error(`unexpected status ${answer.statusCode}`))
    }).on('error', failed)
  })
}

/** The same of parts of this process: well from when they have started. */
export function ownComponents(): { readonly checks: readonly HealthCheck[]; started(component: string): void } {
  const running = new Set<string>()
  return {
    started: (component) => void running.add(component),
    checks: (Object.keys(ports) as Name[]).map((name) => ({
      name,
      check() {
        if (!running.has(`kube-${name}`)) throw new Error(`kube-${name} has not started`)
      },
    })),
  }
}
