import { FutureRevision, StoreUnavailable } from '../store'
import type { Batch, Change, Key, Revision, Store } from '../store'
import type { History } from './history'
import type { Version } from './version'

type Watcher = { readonly prefix: Key; readonly deliver: (batch: Batch) => void; readonly fail: (error: unknown) => void }

/** How many changes a watch that resumes gets at once, more only where one revision has more. */
const resumeBatch = 500

/** Everybody who watches an embedded store. */
export class Watchers {
  private readonly watchers = new Set<Watcher>()
  private readonly history: History
  private readonly unpublished: Version[][] = []
  private publishing = false

  constructor(history: History) {
    this.history = history
  }

  readonly watch: Store['watch'] = (prefix, { after, signal }, deliver) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return resolve()
      const { newest } = this.history
      if (after > newest) throw new FutureRevision(after, newest)
      const end = (): void => {
        this.watchers.delete(watcher)
        signal.removeEventListener('abort', onAbort)
      }
      const onAbort = (): void => {
        end()
        resolve()
      }
      const fail = (error: unknown): void => {
        end()
        reject(error)
      }
      const watcher: Watcher = { prefix, deliver, fail }
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        let reached = after
        // What `deliver` writes meanwhile is in the history before it is published to anybody, hence the loop.
        while (reached < this.history.newest && !signal.aborted) reached = this.resume(watcher, reached, signal)
        if (reached === after && !signal.aborted) deliver({ through: reached, changes: [] })
        if (!signal.aborted) this.watchers.add(watcher)
      } catch (error) {
        fail(error)
      }
    })

  /** Tells every watcher of what has been applied to the history: one batch for the writes of one commit. */
  publish(versions: Version[]): void {
    this.unpublished.push(versions)
    if (this.publishing) return
    this.publishing = true
    try {
      for (let next = this.unpublished.shift(); next; next = this.unpublished.shift()) this.tell(next)
    } finally {
      this.publishing = false
    }
  }

  close(): void {
    for (const watcher of this.watchers) watcher.fail(new StoreUnavailable('the store has been closed'))
  }

  private tell(versions: readonly Version[]): void {
    if (this.watchers.size === 0) return
    const through = versions.at(-1)!.revision
    const nothing: Batch = { through, changes: [] }
    const built: (Change | undefined)[] = []
    for (const watcher of this.watchers) {
      let changes: Change[] | undefined
      for (let i = 0; i < versions.length; i++) {
        if (!versions[i]!.key.startsWith(watcher.prefix)) continue
        const change = (built[i] ??= this.history.change(versions[i]!))
        if (changes) changes.push(change)
        else changes = [change]
      }
      deliver(watcher, changes ? { through, changes } : nothing)
    }
  }

  /** Delivers what the history has behind a revision, in batches, and answers how far it came. */
  private resume(watcher: Watcher, after: Revision, signal: AbortSignal): Revision {
    const { newest } = this.history
    let changes: Change[] = []
    let through = after
    for (const version of this.history.after(after)) {
      if (version.revision > newest) break
      if (changes.length >= resumeBatch && version.revision > through) {
        watcher.deliver({ through, changes })
        if (signal.aborted) return through
        changes = []
      }
      through = version.revision
      if (version.key.startsWith(watcher.prefix)) changes.push(this.history.change(version))
    }
    watcher.deliver({ through: newest, changes })
    return newest
  }
}

function deliver(watcher: Watcher, batch: Batch): void {
  try {
    watcher.deliver(batch)
  } catch (error) {
    // A watcher that fails ends its own watch: neither the writer nor the others can help it.
    watcher.fail(error)
  }
}
