import { atLeast, oneOf, option, types } from '#component-base/options/option'
import { originProblem } from './listener/browsers'

/** How long requests may take, and how the server goes: kube-apiserver's flags. */
export const servingOptions = {
  requestTimeout: option(types.duration, 'request-timeout', 60_000, 'How long a request may take, unless it watches or keeps a connection.', atLeast(1)),
  minRequestTimeout: option(types.int, 'min-request-timeout', 1800, 'Seconds that a watch lasts at least; it ends by chance between that and twice as long.', atLeast(0)),
  eventTtl: option(types.duration, 'event-ttl', 3_600_000, 'How long events are kept.', atLeast(0)),
  goawayChance: option(types.float, 'goaway-chance', 0, 'How often, of 1, an HTTP/2 client is asked to connect again: at most 0.02; for several servers behind one address.', (chance) =>
    chance >= 0 && chance <= 0.02 ? undefined : 'must be within 0 and 0.02'),
  http2MaxStreamsPerConnection: option(types.int, 'http2-max-streams-per-connection', 0, 'Requests at one time on one HTTP/2 connection; 0 for 2000.', atLeast(0)),
  corsAllowedOrigins: option(types.strings, 'cors-allowed-origins', [], 'Web pages that browsers let ask this server: regular expressions of their origins, such as ^https://example[.]com$.', (patterns) => patterns.map(originProblem).find(Boolean)),
  strictTransportSecurityDirectives: option(types.strings, 'strict-transport-security-directives', [], 'What browsers are told of HTTPS: max-age=31536000,includeSubDomains,preload.', (directives) =>
    directives.every((one) => /^(max-age=\d+|includeSubDomains|preload)$/.test(one)) ? undefined : 'must be made of max-age=SECONDS, includeSubDomains and preload'),
  tlsMinVersion: option(types.string, 'tls-min-version', 'VersionTLS12', 'The oldest TLS that is spoken: VersionTLS12 or VersionTLS13.', oneOf('VersionTLS12', 'VersionTLS13')),
  shutdownDelayDuration: option(types.duration, 'shutdown-delay-duration', 0, 'How long everything is served after the word to stop, while /readyz says no.', atLeast(0)),
  shutdownSendRetryAfter: option(types.bool, 'shutdown-send-retry-after', false, 'Go on listening while requests are finished, and tell new ones to come back later.'),
  shutdownWatchTerminationGracePeriod: option(types.duration, 'shutdown-watch-termination-grace-period', 0, 'How long a stop waits for watchers to take note.', atLeast(0)),
}
