import type { ServerHttp2Session } from 'node:http2'
import type { Clock } from '#base/clock'

/** Longer than clients in Go are silent: they ask for signs of life themselves, every 30 seconds. */
export const longestSilence = 45_000
/** Milliseconds for an answer. */
const patience = { least: 500, most: 15_000 }

/**
 * Ends a connection whose other side is gone. Whoever was silent for a while is asked for a sign of life. A connection that broke the
 * rules of HTTP/2 is among them: Node reads nothing more from it and tells nobody, so that its streams would stay for ever.
 */
export function endWhenSilent(session: ServerHttp2Session, clock: Clock, silence: number = longestSilence): void {
  let waiting: Disposable | undefined
  const heard = (): void => {
    waiting?.[Symbol.dispose]()
    waiting = undefined
  }
  session.on('timeout', () => {
    if (waiting || session.destroyed) return
    waiting = clock.after(Math.min(patience.most, Math.max(patience.least, silence)), () => session.destroy())
    session.ping((error) => {
      heard()
      // An answer does not start it again.
      if (!error && !session.destroyed) session.setTimeout(silence)
    })
  })
  session.on('close', heard)
  session.setTimeout(silence)
}
