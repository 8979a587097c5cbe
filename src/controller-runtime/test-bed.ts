import { createFakeClock } from '#base/fake-clock'
import type { ResourceRef } from '#apimachinery/resource'
import type { FakeClock } from '#base/fake-clock'
import type { Client } from '#client/client'
import { createClient } from '#client/create-client'
import { createFakeApi } from '#client/fake-api'
import type { FakeApi } from '#client/fake-api'
import { createInformers } from '#client/informers'
import type { Call } from '#client/transport'
import { silent } from '#component-base/log'
import type { Fields, Log } from '#component-base/log'
import type { Controller } from './controller'
import { startController } from './manager'
import type { RunningController } from './manager'

/** Controllers over the fake API and a clock that stands still. For tests. */
export interface TestBed extends AsyncDisposable {
  api: FakeApi
  client: Client
  clock: FakeClock
  /** Starts controllers, and lets them do what they can. */
  start(...controllers: Controller[]): Promise<void>
  /** Until no controller has anything to do. A few milliseconds go by, in which what was refused as a conflict is tried again. */
  idle(): Promise<void>
  /** Time goes by. */
  advance(ms: number): Promise<void>
  /** `METHOD path` of writes since the last time this was asked, events and reads left out. */
  writes(): string[]
}

/** `kinds`: what discovery tells. */
export function createTestBed({ kinds }: { kinds?: readonly ResourceRef[] } = {}): TestBed {
  const clock = createFakeClock()
  const api = createFakeApi({ clock, kinds })
  const client = createClient(api)
  const informers = createInformers(client, { clock, log: { ...silent, with: () => log, error: (message, fields) => note(message, fields) } })
  const running: RunningController[] = []
  const problems: string[] = []
  let read = 0

  /** A mistake of the code is no answer of the API: the test shall not go on as if it were. */
  const note = (_message: string, fields?: Fields): void => {
    if (fields?.['error'] instanceof TypeError) problems.push(fields['error'].stack ?? '')
  }
  const log: Log = { ...silent, warn: note, error: note, with: () => log }

  const idle = async (): Promise<void> => {
    for (let calm = 0, calls = -1, waited = 0; calm < 2 || waited < 40;) {
      if (calm < 2) await clock.settle()
      else {
        await clock.advance(10)
        waited += 10
      }
      await Promise.all(running.map((controller) => controller.flush()))
      const busy = running.some((controller) => controller.busy > 0) || api.calls.length !== calls
      calls = api.calls.length
      calm = busy ? 0 : calm + 1
    }
    if (problems.length > 0) throw new Error(problems.join('\n'))
  }

  return {
    api, client, clock, idle,
    async start(...controllers) {
      for (const controller of controllers) {
        const allowed = writesOf(controller)
        const own: Client = createClient({
          ...api,
          request(call) {
            const problem = refused(call, allowed)
            if (problem) problems.push(`${controller.name} does not say that it writes ${problem}`)
            return api.request(call)
          },
        })
        running.push(await startController(controller, { clientFor: () => own, informers, clock, log }))
      }
      await idle()
    },
    async advance(ms) {
      await clock.advance(ms)
      await idle()
    },
    writes() {
      const found = api.calls.slice(read).filter((call) => call.method !== 'GET' && !isEvent(call)).map((call) => `${call.method} ${call.path}`)
      read = api.calls.length
      return found
    },
    async [Symbol.asyncDispose]() {
      for (const controller of running) await controller[Symbol.asyncDispose]()
      await informers[Symbol.asyncDispose]()
    },
  }
}

const isEvent = (call: Call): boolean => /\/namespaces\/[^/]+\/events(\/|$)/.test(call.path)

const writesOf = ({ writes }: Controller): ReadonlySet<string> | 'everything' =>
  writes === 'everything' ? writes : new Set(writes.map((write) => ('of' in write ? `${write.of.resource}/${write.subresource}` : write.resource)))

/** What a controller writes without having said so: `pods/status`. */
function refused(call: Call, allowed: ReadonlySet<string> | 'everything'): string | undefined {
  if (allowed === 'everything' || call.method === 'GET' || isEvent(call)) return undefined
  const path = call.path.replace(/^\/(api|apis\/[^/]+)\/[^/]+\//, '').split('/')
  const rest = path[0] === 'namespaces' && path.length > 2 && path[2] !== 'status' && path[2] !== 'finalize' ? path.slice(2) : path
  const what = rest[2] ? `${rest[0]}/${rest[2]}` : rest[0]!
  return allowed.has(what) ? undefined : what
}
