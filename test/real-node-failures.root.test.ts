import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ContainerState, Event, Pod, PodSpec } from '#api/core/v1/types'
import { whyNoRealNode } from './real-node/machine'
import { type RealNode, startRealNode, until } from './real-node/real-node'

interface Golden {
  pod: PodSpec
  settled: { path: string; value: string }
  status: unknown
  events: [type: string, reason: string, from: string, message: string][]
}

const folder = fileURLToPath(new URL('golden/', import.meta.url))
const why = await whyNoRealNode()
if (why) console.warn(`failures on a real node are skipped: ${why}`)

describe.skipIf(why)('failures, in the words of Kubernetes', () => {
  let node: RealNode
  const golden = Object.fromEntries(readdirSync(folder).filter((file) => file.endsWith('.yaml')).map((file) => [file.replace('.yaml', ''), parse(readFileSync(folder + file, 'utf8')) as Golden]))

  beforeAll(async () => {
    node = await startRealNode()
    for (const [name, { pod }] of Object.entries(golden)) await node.kubectlWith(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: pod }), 'apply', '-f', '-')
  })
  afterAll(() => node?.reset())

  for (const [name, { settled, status, events }] of Object.entries(golden)) {
    test(name, async () => {
      await node.waitFor(settled.path, settled.value, `pod/${name}`)
      const pod = await node.get<Pod>('pod', name)
      expect(statusOf(pod)).toEqual(status)
      const wanted = events.map((event) => event.join(' | ')).sort()
      const seen = async (): Promise<string[]> => eventsOf(pod, (await node.get<{ items: Event[] }>('events', '--field-selector', `involvedObject.name=${name}`)).items)
      // Events are written behind the status.
      await until(async () => (await seen()).length >= wanted.length, `${wanted.length} events`, 20)
      expect(await seen()).toEqual(wanted)
    })
  }
})

function statusOf(pod: Pod): unknown {
  const { phase, qosClass, conditions = [], containerStatuses = [] } = pod.status
  return {
    phase, qosClass,
    conditions: Object.fromEntries(conditions.map(({ type, status, reason, message }) => [type, { status, ...(reason ? { reason } : {}), ...(message ? { message: plain(pod, message) } : {}) }])),
    containers: Object.fromEntries(containerStatuses.map(({ name, state, lastState, ready, started, restartCount }) => [name, { state: stateOf(pod, state), ...(Object.keys(lastState).length > 0 ? { lastState: stateOf(pod, lastState) } : {}), ready, started, restartCount }])),
  }
}

function stateOf(pod: Pod, state: ContainerState): unknown {
  const { running, waiting, terminated } = state
  if (running) return { running: {} }
  if (waiting) return { waiting: { ...waiting, ...(waiting.message ? { message: plain(pod, waiting.message) } : {}) } }
  const { containerID: _id, startedAt: _from, finishedAt: _to, ...rest } = terminated!
  return { terminated: rest }
}

const eventsOf = (pod: Pod, events: readonly Event[]): string[] =>
  [...new Set(events.map(({ type, reason, reportingComponent, source, message }) => [type, reason, source?.component || reportingComponent, plain(pod, message ?? '')].join(' | ')))].sort()

/** What the machine, the runtime or chance decided is replaced. */
function plain({ metadata, spec, status }: Pod, text: string): string {
  let out = text.replaceAll(metadata.uid!, '<uid>').replace(/rpc error: code = .*/s, '<runtime>')
  if (status.podIP) out = out.replaceAll(status.podIP, '<ip>')
  if (spec.nodeName) out = out.replace(new RegExp(`to ${spec.nodeName}$`), 'to <node>')
  return out
}
