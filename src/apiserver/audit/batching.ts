import type { Clock } from '#base/clock'
import type { Backend, Failed } from './backend'
import type { AuditEvent } from './event'

export interface BatchOptions {
  /** Events beyond this many wait for nobody: they are given up. */
  readonly bufferSize: number
  readonly maxSize: number
  /** Milliseconds that an event waits for others. */
  readonly maxWait: number
  /** Batches a second, on average and at once. */
  readonly throttle?: { readonly qps: number; readonly burst: number }
  /** The next batch goes without the last one's end being waited for. */
  readonly async: boolean
}

/** Collects events, so that requests do not wait for where they go. No timer runs while there is nothing to send. */
export function batching(backend: Backend, { bufferSize, maxSize, maxWait, throttle, async }: BatchOptions, clock: Clock, failed: Failed): Backend {
  let buffer: AuditEvent[] = []
  let timer: Disposable | undefined
  let sending: Promise<void> | undefined
  let closed = false
  const underWay = new Set<Promise<unknown>>()
  const allowed = throttle && tokens(clock, throttle.qps, throttle.burst)

  /** Sends until less than a batch is left; `all`: until nothing is. */
  async function drain(all: boolean): Promise<void> {
    while (buffer.length > 0 && (all || closed || buffer.length >= maxSize)) {
      if (allowed) await allowed()
      const batch = buffer.slice(0, maxSize)
      buffer = buffer.slice(maxSize)
      const done = Promise.resolve(backend.process(batch))
      if (!async) await done
      else {
        underWay.add(done)
        void done.finally(() => underWay.delete(done))
      }
    }
  }

  function send(all: boolean): void {
    timer?.[Symbol.dispose]()
    timer = undefined
    sending ??= drain(all).finally(() => {
      sending = undefined
      if (buffer.length > 0) wait()
    })
  }

  function wait(): void {
    if (buffer.length >= maxSize || closed) send(false)
    else timer ??= clock.after(maxWait, () => send(true))
  }

  return {
    process(events) {
      if (closed) failed('buffered', new Error('audit backend shut down'), events)
      else {
        const room = bufferSize - buffer.length
        if (events.length > room) failed('buffered', new Error('audit buffer queue blocked'), events.slice(Math.max(0, room)))
        for (let i = 0; i < Math.min(room, events.length); i++) buffer.push(events[i]!)
        if (!sending && buffer.length > 0) wait()
      }
      return true
    },
    async [Symbol.asyncDispose]() {
      closed = true
      timer?.[Symbol.dispose]()
      while (sending || buffer.length > 0) {
        if (!sending) send(true)
        await sending
      }
      await Promise.all(underWay)
      await backend[Symbol.asyncDispose]()
    },
  }
}

/** A bucket that `qps` tokens a second drop into, `burst` at most; resolves when one could be taken. Called by one caller at a time. */
function tokens(clock: Clock, qps: number, burst: number): () => Promise<void> {
  let left = burst
  let last = clock.monotonic()
  return async () => {
    const refill = (): void => {
      const now = clock.monotonic()
      left = Math.min(burst, left + ((now - last) * qps) / 1000)
      last = now
    }
    refill()
    while (left < 1 - 1e-9) {
      await clock.sleep(Math.max(1, ((1 - left) * 1000) / qps))
      refill()
    }
    left -= 1
  }
}
