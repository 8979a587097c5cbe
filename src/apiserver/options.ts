import type { Connections } from './listener/connections'
import type { BrowserOptions } from './listener/browsers'
import type { ListenerTls } from './listener/listener'

/** What a server may be told. Everything has a value that works. */
export interface ApiServerOptions {
  /** Absent: no port is opened, only in-process callers are served. */
  readonly listen?: {
    readonly host?: string
    /** 0, the default: any free one. */
    readonly port?: number
    readonly tls: ListenerTls
    /** Instead of a port: connections that somebody else has accepted. */
    readonly connections?: Connections
  }
  /** Where clients are told to find the server; by default where it listens. */
  readonly url?: string
  /** Bytes that a request's body may have; 3 MiB unless said otherwise, as in the original. */
  readonly maxBodyBytes?: number
  /** Milliseconds that a request may take, a minute unless said otherwise. */
  readonly requestTimeout?: number
  /** Seconds that a watch which names no time lasts at least; 1800 unless said otherwise. */
  readonly minRequestTimeout?: number
  /** Milliseconds that events are kept, an hour unless said otherwise; 0: for ever. */
  readonly eventTtl?: number
  /** Requests at one time on one HTTP/2 connection; 2000 unless said otherwise. */
  readonly maxStreams?: number
  /** How often, of 1, a client of HTTP/2 is asked to connect again. */
  readonly goawayChance?: number
  /** Milliseconds after which a silent HTTP/2 client is asked whether it is there still; 45 seconds unless said otherwise. */
  readonly silence?: number
  /** What browsers are told. */
  readonly browsers?: BrowserOptions
  readonly shutdown?: {
    /** Milliseconds during which everything is served still, while `/readyz` says no. */
    readonly delay?: number
    /** New requests are told when to come back, instead of not being let in. */
    readonly sendRetryAfter?: boolean
    /** Milliseconds that watchers are given to go. */
    readonly watchGrace?: number
  }
  /** Where the `kubernetes` Service leads to; by default where the server listens. */
  readonly advertise?: { readonly address: string; readonly port: number }
  /** Flags by name, for `/flagz`. */
  readonly flags?: Readonly<Record<string, string>>
  /** False: do not write the objects that every cluster starts with. */
  readonly bootstrap?: boolean
  /** `10.96.0.0/16` and, for two families, a second one after a comma: where cluster IPs come from. */
  readonly serviceClusterIpRange?: string
  readonly serviceNodePortRange?: { readonly first: number; readonly last: number }
}
