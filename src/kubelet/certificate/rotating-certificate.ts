import { waitAfter } from '#base/backoff'
import type { Clock } from '#base/clock'
import type { Log } from '#component-base/log'
import type { NodeCertificate } from './request-certificate'

export interface RotationOptions {
  /** For the log: `client`, `serving`. */
  name: string
  /** Milliseconds since 1970 at which the one in use is to be replaced. */
  rotateAt: number
  /** Asks for the next one. */
  renew(): Promise<NodeCertificate>
  /** It is there: from now on it is used. */
  changed(certificate: NodeCertificate): Promise<void> | void
}

const patience = { initial: 10_000, max: 600_000, jitter: 0.2 }

/** Replaces a certificate in time, again and again, until the signal ends it. A failure is tried again; the old one serves meanwhile. */
export async function keepCertificateFresh({ name, rotateAt, renew, changed }: RotationOptions, { clock, log, signal }: { clock: Clock; log: Log; signal: AbortSignal }): Promise<void> {
  let due = rotateAt
  for (let failures = 0; !signal.aborted; ) {
    try {
      await clock.sleep(Math.max(0, due - clock.now()), signal)
      const next = await renew()
      await changed(next)
      // One that is too short-lived must not keep us busy.
      due = Math.max(next.rotateAt, clock.now() + patience.initial)
      failures = 0
      log.info('certificate replaced', { certificate: name })
    } catch (error) {
      if (signal.aborted) return
      log.warn('certificate not replaced, will try again', { certificate: name, error })
      due = clock.now() + waitAfter(failures++, patience)
    }
  }
}
