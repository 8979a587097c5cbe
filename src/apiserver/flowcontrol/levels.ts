import type { FlowSchema, PriorityLevelConfiguration, PriorityLevelConfigurationSpec } from '#api/flowcontrol/v1/types'
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '#api/flowcontrol/v1/mandatory'
import type { Clock } from '#base/clock'
import type { HistogramSeries } from '#component-base/series'
import { allocate } from './allocation'
import { Integrator } from './integrator'
import { QueueSet, type QueueSetConfig } from './queue-set'
import { RetryAfter } from './retry-after'

/** Of a level's seats, what one request may take at most. */
const mostForOne = 0.15
/** By how much the remembered demand fades in each period, while less is asked for. */
const smoothing = 0.977
export const adjustmentPeriod = 10_000

export interface SchemaCounts {
  dispatched: number
  /** Seconds. */
  readonly waits: HistogramSeries
}

/** One priority level at work. Limits are seats. */
export interface Level {
  readonly name: string
  uid: string
  spec: PriorityLevelConfigurationSpec
  readonly queues: QueueSet
  readonly retryAfter: RetryAfter
  readonly demand: Integrator
  /** Its object is gone; it goes as soon as nothing is left of it. */
  quiescing: boolean
  nominal: number
  lowest: number
  highest: number
  current: number
  maxSeats: number
  smoothed: number
  highWatermark: number
  /** Requests that were let through, by flow schema. */
  readonly counts: Map<string, SchemaCounts>
  /** Refused requests, by `flow schema` and reason. */
  readonly rejected: Map<string, number>
}

export type Schema = Pick<FlowSchema, 'spec'> & { readonly name: string; readonly uid: string }

/** The configuration in force: levels by name, schemas in the order in which they are asked. */
export interface Configuration {
  readonly levels: ReadonlyMap<string, Level>
  readonly schemas: readonly Schema[]
}

/** Takes a new configuration over into what runs. What is missing of the mandatory objects is imagined. */
export function digest(old: Configuration | undefined, schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[], concurrency: number, clock: Clock, noteDemand: () => void): Configuration {
  const given = new Map(levels.map(({ metadata: { name, uid = '' }, spec }) => [name, { uid, spec }]))
  const next = new Map<string, Level>()
  const keep = (name: string, uid: string, spec: PriorityLevelConfigurationSpec): void => {
    const known = old?.levels.get(name)
    if (known) Object.assign(known, { uid, spec, quiescing: false })
    next.set(name, known ?? newLevel(name, uid, spec, clock, noteDemand))
  }
  for (const [name, { uid, spec }] of given) keep(name, uid, spec)
  for (const level of old?.levels.values() ?? []) {
    if (next.has(level.name) || mandatoryPriorityLevels[level.name] || level.queues.idle) continue
    level.quiescing = true
    next.set(level.name, level)
  }
  for (const [name, spec] of Object.entries(mandatoryPriorityLevels)) if (!next.has(name)) keep(name, '', spec)
  share(next, concurrency)

  const usable = schemas
    .filter(({ spec }) => next.get(spec.priorityLevelConfiguration.name)?.quiescing === false)
    .map(({ metadata: { name, uid = '' }, spec }): Schema => ({ name, uid, spec }))
    .sort((a, b) => a.spec.matchingPrecedence - b.spec.matchingPrecedence || (a.name < b.name ? -1 : 1))
  const imagined = (name: string): Schema[] => (usable.some((schema) => schema.name === name) ? [] : [{ name, uid: '', spec: mandatoryFlowSchemas[name]! }])
  return { levels: next, schemas: [...imagined('exempt'), ...usable, ...imagined('catch-all')] }
}

function newLevel(name: string, uid: string, spec: PriorityLevelConfigurationSpec, clock: Clock, noteDemand: () => void): Level {
  const demand = new Integrator(() => clock.monotonic())
  const queues = new QueueSet(clock, queueConfig(spec), 0, (seats) => {
    demand.set(seats)
    noteDemand()
  })
  return {
    name, uid, spec, queues, demand, retryAfter: new RetryAfter(), quiescing: false, nominal: 0, lowest: 0, highest: 0, current: -1, maxSeats: 0, smoothed: 0, highWatermark: 0,
    counts: new Map(), rejected: new Map(),
  }
}

export function queueConfig({ type, limited }: PriorityLevelConfigurationSpec): QueueSetConfig {
  const queuing = limited?.limitResponse.queuing
  return { queues: type === 'Exempt' ? -1 : (queuing?.queues ?? 0), handSize: queuing?.handSize ?? 0, lengthLimit: queuing?.queueLengthLimit ?? 0 }
}

/** Each level's share of all seats, and what it may lend and borrow. */
function share(levels: ReadonlyMap<string, Level>, concurrency: number): void {
  const sharesOf = ({ spec: { limited, exempt } }: Level): number => limited?.nominalConcurrencyShares ?? exempt?.nominalConcurrencyShares ?? 0
  const all = [...levels.values()].reduce((sum, level) => sum + sharesOf(level), 0)
  for (const level of levels.values()) {
    const { limited, exempt } = level.spec
    const nominal = all === 0 ? 0 : Math.ceil((concurrency * sharesOf(level)) / all)
    const lendable = Math.round((nominal * (limited?.lendablePercent ?? exempt?.lendablePercent ?? 0)) / 100)
    const borrowing = limited?.borrowingLimitPercent === undefined ? concurrency : Math.round((nominal * limited.borrowingLimitPercent) / 100)
    level.nominal = nominal
    level.lowest = nominal - lendable
    level.highest = nominal + borrowing
    const handSize = limited?.limitResponse.queuing?.handSize
    level.maxSeats = handSize === undefined ? 0 : Math.max(1, Math.min(Math.ceil(nominal * mostForOne), Math.floor(nominal / handSize)))
    if (level.current < 0) level.current = nominal - Math.floor(lendable / 2)
  }
  borrow(levels)
}

/**
 * Shares seats out by what was asked for lately: a level that needs less than its own lends, one that needs more borrows.
 * @param periods How many have passed since the last time: while nobody asks for anything, nobody counts them.
 */
export function borrow(levels: ReadonlyMap<string, Level>, periods = 1): void {
  const limited: Level[] = []
  let left = 0
  for (const level of levels.values()) {
    left += level.nominal
    const { duration, average, deviation, max } = level.demand.reset()
    level.highWatermark = Math.round(max)
    if (duration > 0) {
      const envelope = average + deviation
      level.smoothed = Math.max(envelope, smoothing ** periods * level.smoothed + (1 - smoothing ** periods) * envelope)
    }
    if (level.spec.type !== 'Exempt') limited.push(level)
  }
  const total = left
  for (const level of levels.values()) {
    if (level.spec.type !== 'Exempt') continue
    level.current = Math.max(level.lowest, level.highWatermark)
    left -= level.current
  }
  const least = limited.reduce((sum, { lowest }) => sum + lowest, 0)
  const needs = limited.map(({ lowest, nominal, highWatermark }) => Math.max(lowest, Math.min(nominal, highWatermark)))
  const needed = needs.reduce((sum, one) => sum + one, 0)
  if (left <= least) for (const level of limited) level.current = level.lowest
  else if (left <= needed) {
    const fraction = (left - least) / (needed - least)
    for (const [i, level] of limited.entries()) level.current = level.lowest + Math.round((needs[i]! - level.lowest) * fraction)
  } else {
    const { shares } = allocate(total, limited.map(({ highest, smoothed }, i) => ({ lowerBound: needs[i]!, upperBound: highest, target: Math.max(needs[i]!, smoothed) })))
    for (const [i, level] of limited.entries()) level.current = Math.round(shares[i]!)
  }
  for (const level of levels.values()) level.queues.configure(queueConfig(level.spec), level.current)
}
