import type { FlowSchema, PriorityLevelConfiguration } from '#api/flowcontrol/v1/types'
import type { Clock } from '#base/clock'
import type { Metrics } from '#component-base/metrics'
import { HistogramSeries } from '#component-base/series'
import type { UserInfo } from '../authentication/authenticator'
import { isLongRunning } from '../long-running'
import type { Exchange, Flow, Result } from '../exchange'
import type { Handler, Stop } from '../handler-chain'
import { tooManyRequests } from '../plain-refusal'
import type { RequestInfo } from '../request-info'
import type { RootEndpoint } from '../root/root'
import { matches } from './classify'
import { dumpEndpoints } from './dumps'
import { adjustmentPeriod, borrow, type Configuration, digest, type Level, type Schema, type SchemaCounts } from './levels'
import { exposeFlowControl, waitBounds } from './metrics'
import type { Refusal, Ticket } from './queue-set'
import { deal, hashOfFlow } from './shuffle-sharding'
import { estimateWork, type ObjectStats } from './work-estimate'
import { WatchTracker } from './watch-tracker'

export interface FlowControlOptions {
  /** Seats of the whole server: `--max-requests-inflight` and `--max-mutating-requests-inflight` together. */
  readonly concurrency: number
  /** Milliseconds that a request has in all; a quarter of it may be spent waiting, a minute at most. */
  readonly requestTimeout: number
}

export interface FlowControlDeps {
  readonly clock: Clock
  readonly stats: (info: RequestInfo) => ObjectStats | undefined
  readonly metrics?: Metrics | undefined
}

/** API priority and fairness. */
export interface FlowControl extends Disposable {
  /** Behind impersonation: waits for the request's turn, or refuses it. Callers of this process pass: they share its one thread anyway. */
  readonly stop: Stop
  /** Around what serves: a watch has its seats only until it is under way. */
  around(serve: Handler): Handler
  /** From now on these objects; what is missing of the mandatory ones is imagined. */
  configure(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): void
  readonly configuration: Configuration
  readonly endpoints: readonly RootEndpoint[]
}

/** What a user's requests of one sort come to, found once. */
interface Classified {
  readonly schema: Schema
  readonly level: Level
  readonly distinguisher: string
  readonly hand: readonly number[]
  readonly flow: Flow
  readonly counts: SchemaCounts
}

const longestWait = 60_000
/** Sorts of requests that are remembered of one user. */
const remembered = 1000

export function createFlowControl({ concurrency, requestTimeout }: FlowControlOptions, { clock, stats, metrics }: FlowControlDeps): FlowControl {
  const watches = new WatchTracker()
  let known = new WeakMap<UserInfo, Map<string, Classified>>()
  let timer: Disposable | undefined
  let adjusted = clock.monotonic()
  let asked = false

  /** Seats are shared out again every ten seconds, but only while somebody asks for them. */
  const noteDemand = (): void => {
    asked = true
    timer ??= clock.after(adjustmentPeriod, adjust)
  }
  function adjust(): void {
    timer = undefined
    const now = clock.monotonic()
    const periods = Math.max(1, Math.round((now - adjusted) / adjustmentPeriod))
    adjusted = now
    borrow(configuration.levels, periods)
    // Sharing out moves what waits; only what came meanwhile counts.
    const busy = [...configuration.levels.values()].some(({ queues }) => !queues.idle)
    if (asked || busy) timer ??= clock.after(adjustmentPeriod, adjust)
    asked = false
  }
  let configuration = digest(undefined, [], [], concurrency, clock, noteDemand)
  asked = false

  function classify(user: UserInfo, info: RequestInfo): Classified {
    let sorts = known.get(user)
    if (!sorts) known.set(user, (sorts = new Map()))
    const key = info.isResource ? `${info.verb} ${info.group}/${info.resource}/${info.subresource} ${info.namespace}` : `${info.verb} ${info.path}`
    const found = sorts.get(key)
    if (found) return found
    if (sorts.size >= remembered) sorts.clear()
    const made = find(user, info)
    sorts.set(key, made)
    return made
  }

  function find(user: UserInfo, info: RequestInfo): Classified {
    const { schemas, levels } = configuration
    const schema = schemas.find(({ spec }) => matches(spec, user, info)) ?? schemas.find(({ name }) => name === 'catch-all')!
    const level = levels.get(schema.spec.priorityLevelConfiguration.name)!
    const queuing = level.spec.limited?.limitResponse.queuing
    const method = schema.spec.distinguisherMethod?.type
    const distinguisher = !queuing || queuing.queues < 2 ? '' : method === 'ByUser' ? user.name : method === 'ByNamespace' ? info.namespace : ''
    const hand = queuing ? deal(hashOfFlow(schema.name, distinguisher), queuing.queues, queuing.handSize) : []
    let counts = level.counts.get(schema.name)
    if (!counts) level.counts.set(schema.name, (counts = { dispatched: 0, waits: new HistogramSeries(waitBounds) }))
    return { schema, level, distinguisher, hand, flow: { schemaUid: schema.uid, levelUid: level.uid }, counts }
  }

  function refuse({ level, schema }: Classified, why: Refusal): never {
    const key = `${schema.name} ${why === 'cancelled' ? 'time-out' : why}`
    level.rejected.set(key, (level.rejected.get(key) ?? 0) + 1)
    level.retryAfter.refused(clock.now())
    throw tooManyRequests(level.retryAfter.current)
  }

  async function waitFor(classified: Classified, ticket: Ticket, exchange: Exchange): Promise<void> {
    const { queues } = classified.level
    const turn = queues.turn(ticket)
    if (!turn) return
    const gone = new Promise<Refusal>((resolve) => {
      const limit = clock.after(Math.min(longestWait, (exchange.deadlineMs ?? requestTimeout) / 4), () => resolve('time-out'))
      const onAbort = (): void => resolve('cancelled')
      exchange.signal.addEventListener('abort', onAbort, { once: true })
      void turn.then(() => {
        limit[Symbol.dispose]()
        exchange.signal.removeEventListener('abort', onAbort)
      })
    })
    const why = await Promise.race([turn, gone])
    if (why && queues.leave(ticket, why as 'time-out' | 'cancelled')) refuse(classified, why)
  }

  const stop: Stop = (exchange) => {
    const { info } = exchange
    if (exchange.inProcess || (info.verb !== 'watch' && isLongRunning(info))) return
    const classified = classify(exchange.user, info)
    const { level, schema, distinguisher, hand } = classified
    exchange.flow = classified.flow
    const estimate = estimateWork(info, level.maxSeats, () => stats(info), () => watches.interested(info))
    const ticket = level.queues.enter(exchange, schema.name, distinguisher, estimate, hand)
    if (typeof ticket === 'string') return refuse(classified, ticket)
    const release = (): void => {
      if (ticket.started > 0 && !ticket.counted) {
        ticket.counted = true
        classified.counts.dispatched++
        if (hand.length > 0) classified.counts.waits.observe((ticket.started - ticket.arrived) / 1000)
      }
      level.queues.finish(ticket)
      if (level.quiescing && level.queues.idle) forget(level)
    }
    if (info.verb === 'watch') started.set(exchange, release)
    exchange.finished.push(release)
    if (ticket.started === 0) return waitFor(classified, ticket, exchange)
  }

  function forget(level: Level): void {
    const levels = new Map(configuration.levels)
    levels.delete(level.name)
    configuration = { ...configuration, levels }
  }

  /** Watches that are not under way yet, and what lets their seats go. */
  const started = new WeakMap<Exchange, () => void>()

  function watched(exchange: Exchange, result: Result): Result {
    started.get(exchange)?.()
    const forgetWatch = result.sort === 'watch' ? watches.register(exchange.info) : undefined
    if (forgetWatch) exchange.finished.push(forgetWatch)
    return result
  }

  if (metrics) exposeFlowControl(metrics, () => configuration)
  return {
    stop,
    around: (serve) => (exchange) => {
      const result = serve(exchange)
      if (exchange.info.verb !== 'watch') return result
      return result instanceof Promise ? result.then((made) => watched(exchange, made)) : watched(exchange, result)
    },
    configure(schemas, levels) {
      configuration = digest(configuration, schemas, levels, concurrency, clock, noteDemand)
      known = new WeakMap()
    },
    get configuration() {
      return configuration
    },
    endpoints: dumpEndpoints(() => configuration),
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  }
}
