/** A group and version that an extension API server serves, or that is registered at least. */
export interface RemoteVersion {
  readonly group: string
  readonly version: string
  readonly groupPriorityMinimum: number
  readonly versionPriority: number
  /** APIResourceDiscovery objects, as they came. */
  readonly resources: readonly unknown[]
  /** Stale: the server does not answer; this is what it said last. */
  readonly freshness: 'Current' | 'Stale'
  /** Registered as this server's own: named in the list of groups, even where nobody serves it. */
  readonly own?: boolean
}

/** What others serve through this server. */
export interface Remotes {
  /** Counts changes. */
  readonly generation: number
  readonly versions: Iterable<RemoteVersion>
}
