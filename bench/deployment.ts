import type { Connection } from './client'
import type { Server } from './servers'

/** Seconds after the Deployment was asked for; infinite where it did not come to that in time. */
export interface Milestones {
  created: number
  bound: number
  running: number
}

const pods = '/api/v1/namespaces/default/pods'

/** Makes a Deployment of so many pods and watches them come. Every watch is for one milestone: its ADDED events are counted, nothing is read. */
export async function runDeployment({ connection }: Server, replicas: number, patience: number): Promise<Milestones> {
  const spec = { containers: [{ name: 'c', image: 'registry.example/app:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] }
  const template = { metadata: { labels: { app: 'bench' } }, spec }
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'bench' },
    spec: { replicas, selector: { matchLabels: { app: 'bench' } }, template },
  }
  const created = count(connection, '', replicas, patience)
  const bound = count(connection, 'spec.nodeName!=', replicas, patience)
  const running = count(connection, 'status.phase=Running', replicas, patience)
  await Promise.all([created.watching, bound.watching, running.watching])
  const began = performance.now()
  await connection.call('POST', '/apis/apps/v1/namespaces/default/deployments', JSON.stringify(body))
  const seconds = async (all: Promise<number>): Promise<number> => ((await Promise.race([all, connection.failed])) - began) / 1000
  return { created: await seconds(created.all), bound: await seconds(bound.all), running: await seconds(running.all) }
}

/** `all` resolves with when so many pods had come into the selector; with infinity where that takes too long. */
function count(connection: Connection, fieldSelector: string, expected: number, patience: number): { watching: Promise<void>; all: Promise<number> } {
  const added = Buffer.from('{"type":"ADDED"')
  let seen = 0
  let rest: Buffer = Buffer.alloc(0)
  let finish: (at: number) => void
  const all = new Promise<number>((resolve) => (finish = resolve))
  const giveUp = setTimeout(() => finish(Number.POSITIVE_INFINITY), patience)
  const watching = connection.watch(`${pods}?watch=true&fieldSelector=${encodeURIComponent(fieldSelector)}`, (bytes) => {
    // An event that is cut in two counts when its second part comes: what might be the beginning of one is kept.
    const text = Buffer.concat([rest, bytes])
    let from = 0
    for (let at = text.indexOf(added); at >= 0; at = text.indexOf(added, from)) {
      from = at + added.length
      seen++
    }
    rest = text.subarray(Math.max(from, text.length - added.length + 1))
    if (seen < expected) return
    clearTimeout(giveUp)
    finish(performance.now())
  })
  return { watching, all }
}
