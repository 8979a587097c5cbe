import type { Clock } from '#base/clock'
import { Slots, type Slotted } from '#base/slots'
import type { Exchange } from '../exchange'
import { seatsOf, type WorkEstimate, workOf } from './work-estimate'

export interface QueueSetConfig {
  /** Negative: nobody is held up (exempt); 0: there are none, what finds no seat is refused. */
  readonly queues: number
  readonly handSize: number
  readonly lengthLimit: number
}

/** Why a request did not come to its turn. */
export type Refusal = 'concurrency-limit' | 'queue-full' | 'time-out' | 'cancelled'

export interface Ticket extends Slotted {
  readonly schema: string
  readonly distinguisher: string
  readonly estimate: WorkEstimate
  readonly exchange: Exchange
  /** Milliseconds of the wall clock. */
  readonly arrived: number
  started: number
  seats: number
  /** Set by who counts. */
  counted: boolean
}

interface Waiting extends Ticket {
  queue: Queue
  /** The queue set's virtual time when it came. */
  arrivalR: number
  begin: (() => void) | undefined
  beganAt: number
}

interface Queue {
  index: number
  readonly waiting: Waiting[]
  executing: number
  seatsInUse: number
  seatsWaiting: number
  work: number
  nextDispatchR: number
}

/** A guess, until it is known how long a request took. */
const serviceMs = 3

/** How many requests, and of which sorts, have come through so far: for metrics and dumps. */
export interface Counts {
  waiting: number
  executing: number
  seatsInUse: number
  seatsWaiting: number
  dispatched: number
  rejected: number
  timedOut: number
  cancelled: number
}

/**
 * The seats of one priority level and the queues before them: fair queuing by virtual time, as if all queues that have something to do were
 * served bit by bit in turn. A flow has a hand of queues and uses the shortest. Times are milliseconds.
 */
export class QueueSet {
  readonly counts: Counts = { waiting: 0, executing: 0, seatsInUse: 0, seatsWaiting: 0, dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 }
  readonly executing = new Slots<Ticket>()
  private readonly clock: Clock
  private readonly demand: (seats: number) => void
  private config: QueueSetConfig
  private limit = 0
  private queues: Queue[] = []
  /** Queues that have anything to do. */
  private active = 0
  /** Virtual time, in seat-milliseconds a queue. */
  private r = 0
  private lastTime: number
  private robin = 0
  private enqueues = 0
  /** Finished, with seats that are still held. */
  private readonly lingering: { ticket: Waiting | Ticket; until: number }[] = []
  private lingerTimer: Disposable | undefined

  constructor(clock: Clock, config: QueueSetConfig, limit: number, demand: (seats: number) => void) {
    this.clock = clock
    this.demand = demand
    this.config = config
    this.lastTime = clock.monotonic()
    this.configure(config, limit)
  }

  configure(config: QueueSetConfig, limit: number): void {
    this.sync()
    this.config = config
    this.limit = limit
    while (this.queues.length < config.queues) {
      this.queues.push({ index: this.queues.length, waiting: [], executing: 0, seatsInUse: 0, seatsWaiting: 0, work: 0, nextDispatchR: 0 })
    }
    // Those that are too many go when they are empty.
    this.queues = this.queues.filter((queue) => queue.index < Math.max(config.queues, 0) || !isIdle(queue))
    for (const [i, queue] of this.queues.entries()) queue.index = i
    this.robin = Math.min(this.robin, Math.max(0, this.queues.length - 1))
    this.dispatch()
  }

  get idle(): boolean {
    return this.counts.waiting === 0 && this.counts.executing === 0
  }

  get allQueues(): readonly Readonly<Queue>[] {
    return this.queues
  }

  get currentLimit(): number {
    return this.limit
  }

  /**
   * Takes a request in. A ticket: it may begin, or will begin when `begin` is called; a refusal: there is no place. `hand`: the queues of its
   * flow, none where there are no queues.
   */
  enter(exchange: Exchange, schema: string, distinguisher: string, estimate: WorkEstimate, hand: readonly number[]): Ticket | Refusal {
    this.sync()
    const seats = seatsOf(estimate)
    const arrived = this.clock.now()
    if (this.config.queues < 1) {
      if (!this.hasRoomFor(seats)) {
        this.counts.rejected++
        return 'concurrency-limit'
      }
      const ticket: Ticket = { schema, distinguisher, estimate, exchange, arrived, started: arrived, seats, counted: false, slot: -1 }
      this.begin(ticket)
      return ticket
    }
    const queue = this.shortest(hand)
    if (this.counts.seatsInUse >= this.limit && queue.waiting.length >= this.config.lengthLimit) {
      this.counts.rejected++
      return 'queue-full'
    }
    const request: Waiting = { schema, distinguisher, estimate, exchange, arrived, started: 0, seats, counted: false, slot: -1, queue, arrivalR: this.r, begin: undefined, beganAt: 0 }
    if (isIdle(queue)) {
      queue.nextDispatchR = this.r
      this.active++
    }
    if (this.counts.waiting === 0 && this.hasRoomFor(seats)) {
      this.bound(queue, request.arrivalR)
      this.beginFrom(queue, request)
      return request
    }
    queue.waiting.push(request)
    queue.seatsWaiting += seats
    queue.work += workOf(estimate, serviceMs)
    this.counts.waiting++
    this.counts.seatsWaiting += seats
    this.bound(queue, queue.waiting[0]!.arrivalR)
    this.noteDemand()
    this.dispatch()
    return request
  }

  /** Resolves when a ticket's turn has come; at once where it has already. */
  turn(ticket: Ticket): Promise<void> | undefined {
    if (ticket.started > 0) return undefined
    return new Promise((resolve) => ((ticket as Waiting).begin = resolve))
  }

  /** Gives a place in a queue up. False: its turn has come in this moment. */
  leave(ticket: Ticket, why: 'time-out' | 'cancelled'): boolean {
    if (ticket.started > 0) return false
    this.sync()
    const request = ticket as Waiting
    const { queue } = request
    const place = queue.waiting.indexOf(request)
    if (place < 0) return false
    queue.waiting.splice(place, 1)
    this.unqueue(queue, request)
    this.counts.rejected++
    if (why === 'time-out') this.counts.timedOut++
    this.counts.cancelled++
    if (isIdle(queue)) this.active--
    else if (queue.waiting[0]) this.bound(queue, queue.waiting[0].arrivalR)
    this.noteDemand()
    return true
  }

  /** The request has been answered. */
  finish(ticket: Ticket): void {
    this.sync()
    if (!this.executing.delete(ticket)) return
    this.counts.executing--
    const { queue, beganAt } = ticket as Partial<Waiting>
    const { estimate } = ticket
    if (queue) {
      const took = this.clock.monotonic() - beganAt!
      queue.executing--
      queue.nextDispatchR -= estimate.initialSeats * (serviceMs - took)
      if (queue.waiting[0]) this.bound(queue, queue.waiting[0].arrivalR)
      if (isIdle(queue)) this.active--
    }
    if (estimate.additionalLatency > 0) this.linger(ticket, estimate.additionalLatency)
    else {
      this.release(ticket)
      if (this.counts.waiting > 0) this.dispatch()
    }
  }

  private shortest(hand: readonly number[]): Queue {
    const offset = this.enqueues++ % hand.length
    let best = this.queues[hand[offset]!]!
    for (let i = 1; i < hand.length && best.work > 0; i++) {
      const queue = this.queues[hand[(offset + i) % hand.length]!]!
      if (queue.work < best.work) best = queue
    }
    return best
  }

  private hasRoomFor(seats: number): boolean {
    if (this.config.queues < 0) return true
    // What is larger than the level runs alone.
    if (seats > this.limit) return this.counts.executing === 0
    return this.counts.seatsInUse + seats <= this.limit
  }

  private begin(ticket: Ticket): void {
    ticket.started = this.clock.now()
    this.executing.add(ticket)
    this.counts.executing++
    this.counts.dispatched++
    this.counts.seatsInUse += ticket.seats
    this.noteDemand()
  }

  private beginFrom(queue: Queue, request: Waiting): void {
    request.beganAt = this.clock.monotonic()
    queue.executing++
    queue.seatsInUse += request.seats
    queue.nextDispatchR += workOf(request.estimate, serviceMs)
    this.begin(request)
    request.begin?.()
  }

  private unqueue(queue: Queue, request: Waiting): void {
    queue.seatsWaiting -= request.seats
    queue.work -= workOf(request.estimate, serviceMs)
    if (queue.waiting.length === 0) queue.work = 0
    this.counts.waiting--
    this.counts.seatsWaiting -= request.seats
  }

  private dispatch(): void {
    while (this.counts.waiting > 0 && this.counts.seatsInUse < this.limit) {
      const queue = this.nextQueue()
      const request = queue?.waiting[0]
      if (!queue || !request || !this.hasRoomFor(request.seats)) return
      this.robin = queue.index
      queue.waiting.shift()
      this.unqueue(queue, request)
      this.beginFrom(queue, request)
      if (queue.waiting[0]) this.bound(queue, queue.waiting[0].arrivalR)
    }
  }

  /** That whose first request would be through first. */
  private nextQueue(): Queue | undefined {
    let best: Queue | undefined
    let earliest = Infinity
    const { length } = this.queues
    for (let i = 1; i <= length; i++) {
      const queue = this.queues[(this.robin + i) % length]!
      const first = queue.waiting[0]
      if (!first) continue
      const finish = queue.nextDispatchR + workOf(first.estimate, serviceMs)
      if (finish < earliest) {
        earliest = finish
        best = queue
      }
    }
    return best
  }

  /** A queue that had nothing to do has saved nothing up. */
  private bound(queue: Queue, arrivalR: number): void {
    if (queue.nextDispatchR < arrivalR) queue.nextDispatchR = arrivalR
  }

  private release(ticket: Ticket): void {
    this.counts.seatsInUse -= ticket.seats
    const { queue } = ticket as Partial<Waiting>
    if (queue) queue.seatsInUse -= ticket.seats
    this.noteDemand()
  }

  private linger(ticket: Ticket, ms: number): void {
    this.lingering.push({ ticket, until: this.clock.monotonic() + ms })
    this.lingerTimer ??= this.clock.after(ms, () => this.releaseDue())
  }

  private releaseDue(): void {
    this.sync()
    this.lingerTimer = undefined
    const now = this.clock.monotonic()
    let kept = 0
    let next = Infinity
    for (const one of this.lingering) {
      // Timers may be a little early.
      if (one.until <= now + 0.5) this.release(one.ticket)
      else {
        this.lingering[kept++] = one
        next = Math.min(next, one.until)
      }
    }
    this.lingering.length = kept
    if (kept > 0) this.lingerTimer = this.clock.after(Math.max(1, next - now), () => this.releaseDue())
    this.dispatch()
  }

  private noteDemand(): void {
    this.demand(this.counts.seatsInUse + this.counts.seatsWaiting)
  }

  /** Virtual time goes on as fast as seats are used, shared by the queues that have something to do. */
  private sync(): void {
    const now = this.clock.monotonic()
    const elapsed = now - this.lastTime
    this.lastTime = now
    if (this.active === 0 || elapsed === 0) return
    this.r += (elapsed * Math.min(this.counts.seatsInUse + this.counts.seatsWaiting, this.limit)) / this.active
  }
}

const isIdle = (queue: Queue): boolean => queue.waiting.length === 0 && queue.executing === 0
