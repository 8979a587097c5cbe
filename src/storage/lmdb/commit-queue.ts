import type { Version } from '../mvcc/version'
import type { Key, Revision } from '../store'

/** One write that waits for its commit. */
type Waiting = { readonly versions: Version[]; readonly resolve: (revision: Revision) => void; readonly reject: (error: unknown) => void }

export type CommitQueueOptions = {
  /** Makes versions durable, all or none; resolves after the flush. */
  commit(versions: Version[]): Promise<void>
  /** Takes in what has become durable and tells the watchers, before the writers are answered. */
  committed(versions: Version[]): void
  /** There is something to commit beside writes. */
  hasChores(): boolean
}

/**
 * Group commit: one commit is on its way, what arrives meanwhile goes into the next one. No timer: a lone writer waits for nobody, and
 * the more writers there are the more share a flush.
 */
export class CommitQueue {
  private readonly options: CommitQueueOptions
  private next: Waiting[] = []
  /** The newest version of every key that has one on its way, so that a write can build on those before it. */
  private readonly pending = new Map<Key, Version>()
  private running: Promise<void> | undefined
  private starting = false

  constructor(options: CommitQueueOptions) {
    this.options = options
  }

  pendingOf(key: Key): Version | undefined {
    return this.pending.get(key)
  }

  add(versions: Version[]): Promise<Revision> {
    for (const version of versions) this.pending.set(version.key, version)
    const answered = new Promise<Revision>((resolve, reject) => this.next.push({ versions, resolve, reject }))
    this.wake()
    return answered
  }

  /** Starts a commit unless one is on its way; all that is added in the same turn goes with it. */
  wake(): void {
    if (this.running || this.starting) return
    this.starting = true
    queueMicrotask(() => {
      this.starting = false
      this.start()
    })
  }

  /** Resolves once nothing is on its way, of a key or at all. */
  async settled(key?: Key): Promise<void> {
    while (key === undefined ? this.running || this.starting : this.pending.has(key)) await this.running
  }

  private start(): void {
    const batch = this.next
    this.next = []
    const versions = batch.length === 1 ? batch[0]!.versions : batch.flatMap((waiting) => waiting.versions)
    this.running = this.options.commit(versions).then(
      () => this.finish(batch, versions),
      (error: unknown) => this.fail(batch, error),
    )
  }

  private finish(batch: Waiting[], versions: Version[]): void {
    this.running = undefined
    // The next flush runs on its own thread while this one's watchers and writers are served.
    if (this.next.length > 0 || this.options.hasChores()) this.start()
    for (const version of versions) if (this.pending.get(version.key) === version) this.pending.delete(version.key)
    try {
      if (versions.length > 0) this.options.committed(versions)
      for (const { versions: written, resolve } of batch) resolve(written[0]!.revision)
    } catch (error) {
      // It is durable, but what stood there before cannot be read: the log is damaged, and its writers are the ones to hear of it.
      for (const { reject } of batch) reject(error)
    }
  }

  private fail(batch: Waiting[], error: unknown): void {
    this.running = undefined
    // What waits may build on what has just failed, so it fails with it.
    const failed = [...batch, ...this.next]
    this.next = []
    this.pending.clear()
    for (const { reject } of failed) reject(error)
  }
}
