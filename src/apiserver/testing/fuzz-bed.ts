import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'vitest'
import { createMetrics } from '#component-base/metrics'
import { silent, type Log } from '#component-base/log'
import { systemClock } from '#base/clock'
import type { Exchange } from '../exchange'
import { createFlowControl } from '../flowcontrol/flow-control'
import type { Stop } from '../handler-chain'
import { startTlsServer, type TlsServer } from './tls-server'

/**
 * Seconds for each property. CI has little time, and asks the same every time, so that it fails for a change alone; a night has more, and
 * asks what was never asked before (NAVARCH_FUZZ_SECONDS).
 */
const long = process.env['NAVARCH_FUZZ_SECONDS']
const seconds = Number(long ?? 3)

export const budget = { numRuns: 1_000_000, ...(long === undefined && { seed: 1_364_446 }), interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false, endOnFailure: true }
export const within = { timeout: seconds * 1000 + 60_000 }

/** What the original answers with 5xx too: revisions that are no numbers, or not there yet, what this server does not serve, and bindings to nothing. */
const known = [/target\.\w+: (Required|Unsupported) value/, /resourceVersion: Invalid value/, /Too large resource version/, /is not served: nothing in this server/]

export interface FuzzBed extends AsyncDisposable {
  readonly server: TlsServer
  /** What the server wrote into its log as its own faults since the last look. */
  faults(): string
  /** Fails for a code that the server may not answer; `answer` is the body. */
  mayAnswer(code: number, answer: string, asked: () => string): void
  /** Fails unless everything that requests hold is let go: watchers, requests in flight, seats, connections, timers and memory. */
  expectSettled(): Promise<void>
}

/** Megabytes that may be held on to by caches and compiled code beside what was held before. */
const growth = 160

/** A server whose every leak shows. Ask `expectSettled` when all clients are gone. */
export async function startFuzzBed(): Promise<FuzzBed> {
  let faults: string[] = []
  const log: Log = { ...silent, error: (message, fields) => void faults.push(`${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? value.stack : value))}`) }
  const metrics = createMetrics()
  const flowControl = createFlowControl({ concurrency: 600, requestTimeout: 60_000 }, { clock: systemClock, metrics, stats: () => undefined })
  /** Requests whose answer is not out. */
  const open = new Set<Exchange>()
  const stop: Stop = (exchange) => {
    open.add(exchange)
    exchange.finished.push(() => open.delete(exchange))
    return flowControl.stop(exchange)
  }
  const server = await startTlsServer({ log, metrics, flowControl: { stop, around: (serve) => flowControl.around(serve) } }, { silence: 500 })
  const watchers = (): Promise<number[]> => Promise.all([...server.server.registry.kinds].map(async ({ resource }) => (await server.server.registry.cache.of(resource)).watchers))
  const before = await watchers()
  const resources = openResources()
  const memory = usedMemory()
  // One rejection that nobody handles would end the process.
  const rejected = (error: unknown): void => void faults.push(`unhandled: ${error instanceof Error ? error.stack : String(error)}`)
  process.on('unhandledRejection', rejected).on('uncaughtExceptionMonitor', rejected)
  const busy = async (): Promise<string[]> => {
    const { body } = await metrics.text()
    return [...open].map(({ method, target, headers }) => `${method} ${target.slice(0, 200)} ${JSON.stringify(headers).slice(0, 500)}`).concat(body.split('\n').filter((line) => /^(apiserver_current_inflight_requests|apiserver_longrunning_requests|apiserver_flowcontrol_current_\w+(requests|seats))\{/.test(line) && !line.includes('limit_seats') && !line.endsWith(' 0')))
  }
  const takeFaults = (): string => {
    const text = faults.join('\n')
    faults = []
    return text
  }
  return {
    server,
    faults: takeFaults,
    mayAnswer(code, answer, asked) {
      const all = faults.join('\n')
      const excused = known.some((text) => text.test(answer === '' ? all : answer))
      if (all.includes('unhandled: ') || (code >= 500 && !excused)) throw new Error(`${asked()}: ${code} ${answer.slice(0, 300)}\n${all.slice(0, 1500)}`)
    },
    async expectSettled() {
      await expect.poll(watchers, { timeout: 10_000 }).toEqual(before)
      await expect.poll(busy, { timeout: 10_000 }).toEqual([])
      await expect.poll(() => openResources() - resources, { timeout: 10_000 }).toBeLessThanOrEqual(0)
      expect((await server.ask('/readyz')).code).toBe(200)
      expect(({} as Record<string, unknown>)['a']).toBeUndefined()
      expect(usedMemory() - memory).toBeLessThan(growth)
    },
    async [Symbol.asyncDispose]() {
      process.off('unhandledRejection', rejected).off('uncaughtExceptionMonitor', rejected)
      await server[Symbol.asyncDispose]()
      flowControl[Symbol.dispose]()
    },
  }
}

const ofConnections = new Set(['TCPSocketWrap', 'TLSWrap', 'HTTP2SESSION', 'HTTP2STREAM', 'ZLIB', 'FSReqCallback'])
const openResources = (): number => process.getActiveResourcesInfo().filter((name) => ofConnections.has(name)).length

let collect: (() => void) | undefined
function usedMemory(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  return process.memoryUsage().heapUsed / (1 << 20)
}
