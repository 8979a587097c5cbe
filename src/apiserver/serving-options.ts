import { atLeast, option, types } from '#component-base/options/option'

/** How long requests may take, and how the server goes: kube-apiserver's flags. */
export const servingOptions = {
  requestTimeout: option(types.duration, 'request-timeout', 60_000, 'How long a request may take, unless it watches or keeps a connection.', atLeast(1)),
  minRequestTimeout: option(types.int, 'min-request-timeout', 1800, 'Seconds that a watch lasts at least; it ends by chance between that and twice as long.', atLeast(0)),
  eventTtl: option(types.duration, 'event-ttl', 3_600_000, 'How long events are kept.', atLeast(0)),
  goawayChance: option(types.float, 'goaway-chance', 0, 'How often, of 1, an HTTP/2 client is asked to connect again: at most 0.02; for several servers behind one address.', (chance) =>
    chance >= 0 && chance <= 0.02 ? undefined : 'must be within 0 and 0.02'),
  http2MaxStreamsPerConnection: option(types.int, 'http2-max-streams-per-connection', 0, 'Requests at one time on one HTTP/2 connection; 0 for 2000.', atLeast(0)),
  shutdownDelayDuration: option(types.duration, 'shutdown-delay-duration', 0, 'How long everything is served after the word to stop, while /readyz says no.', atLeast(0)),
  shutdownSendRetryAfter: option(types.bool, 'shutdown-send-retry-after', false, 'Go on listening while requests are finished, and tell new ones to come back later.'),
  shutdownWatchTerminationGracePeriod: option(types.duration, 'shutdown-watch-termination-grace-period', 0, 'How long a stop waits for watchers to take note.', atLeast(0)),
}
