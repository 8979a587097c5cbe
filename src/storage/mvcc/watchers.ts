import { FutureRevision, StoreUnavailable } from '../store'
import type { Batch, Change, Key, Revision, Store } from '../store'
import type { History } from './history'
import type { Version } from './version'

type Watcher = { readonly prefix: Key; readonly deliver: (batch: Batch) => void; readonly fail: (error: unknown) => void }

/** The watchers of one prefix, and what a commit has for them. */
type Group = { readonly prefix: Key; readonly watchers: Set<Watcher>; changes: Change[] | undefined }

/** How many changes a watch that resumes gets at once, more only where one revision has more. */
const resumeBatch = 500

/** Everybody who watches an embedded store. */
export class Watchers {
  private readonly groups = new Map<Key, Group>()
  /** Those of the groups whose prefix does not end where a part of a key does: they are looked at one by one. */
  private readonly odd = new Set<Group>()
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
        this.remove(watcher)
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
        if (!signal.aborted) this.add(watcher)
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
    for (const { watchers } of this.groups.values())
      for (const watcher of watchers) watcher.fail(new StoreUnavailable('the store has been closed'))
  }

  private add(watcher: Watcher): void {
    const { prefix } = watcher
    let group = this.groups.get(prefix)
    if (!group) {
      group = { prefix, watchers: new Set(), changes: undefined }
      this.groups.set(prefix, group)
      if (!prefix.endsWith('/')) this.odd.add(group)
    }
    group.watchers.add(watcher)
  }

  private remove(watcher: Watcher): void {
    const group = this.groups.get(watcher.prefix)
    if (!group?.watchers.delete(watcher) || group.watchers.size > 0) return
    this.groups.delete(watcher.prefix)
    this.odd.delete(group)
  }

  private tell(versions: readonly Version[]): void {
    if (this.groups.size === 0) return
    for (const version of versions) this.sort(version)
    const through = versions.at(-1)!.revision
    const nothing: Batch = { through, changes: [] }
    for (const group of this.groups.values()) {
      const { changes } = group
      group.changes = undefined
      const batch = changes ? { through, changes } : nothing
      for (const watcher of group.watchers) deliver(watcher, batch)
    }
  }

  /** Gives a change to the groups that it is for: found by the parts of its key, since there are many groups and few parts. */
  private sort(version: Version): void {
    const { key } = version
    let change: Change | undefined
    for (let end = key.indexOf('/'); end >= 0; end = key.indexOf('/', end + 1)) {
      const group = this.groups.get(key.slice(0, end + 1))
      if (group) (group.changes ??= []).push((change ??= this.history.change(version)))
    }
    for (const group of this.odd) {
      if (key.startsWith(group.prefix)) (group.changes ??= []).push((change ??= this.history.change(version)))
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
