import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  fstatSync,
  renameSync,
  rmSync,
  writeFileSync,
  fsyncSync,
} from 'node:fs'
import { join } from 'node:path'
import { StoreUnavailable } from '../store'

/** Says what the directory is; `version` changes with the layout of the log. */
const marker = 'navarch-store.json'
const format = { format: 'navarch store', version: 1 }
const lock = 'navarch-store.lock'

/**
 * Makes a directory this process's own, creating it when it is not there; disposing gives it free. Throws `StoreUnavailable` when
 * another process has it, when it holds something else, or when its data cannot be what was written.
 */
export function claimDirectory(dir: string): Disposable {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    checkContents(dir)
    const claim = takeLock(dir)
    try {
      checkDataFile(join(dir, 'data.mdb'))
      if (!existsSync(join(dir, marker))) writeDurably(dir, marker, `${JSON.stringify(format)}\n`)
    } catch (error) {
      claim[Symbol.dispose]()
      throw error
    }
    return claim
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error
    throw new StoreUnavailable(`${dir} cannot be used as a data directory: ${(error as Error).message}`, { cause: error })
  }
}

function checkContents(dir: string): void {
  const names = readdirSync(dir).filter((name) => name !== 'lost+found' && !name.startsWith(lock))
  if (names.length === 0) return
  if (!names.includes(marker)) {
    throw new StoreUnavailable(
      `${dir} is not empty and not a data directory of Navarch (it has ${names.slice(0, 3).join(', ')} but no ${marker}): choose another one`,
    )
  }
  let found: Partial<typeof format> | undefined
  try {
    found = JSON.parse(readFileSync(join(dir, marker), 'utf8')) as typeof found
  } catch (error) {
    throw new StoreUnavailable(`${join(dir, marker)} is damaged: ${(error as Error).message}`, { cause: error })
  }
  if (found?.format !== format.format || found.version !== format.version) {
    throw new StoreUnavailable(
      `${dir} has the format ${JSON.stringify(found)}, this version of Navarch reads ${JSON.stringify(format)}: use the version that wrote it`,
    )
  }
}

const metaMagic = 0xbeefc0de
const metaLength = 168

/** LMDB maps the file and would be killed by the kernel where pages are missing: so its length is compared with what it says of itself. */
function checkDataFile(path: string): void {
  if (!existsSync(path)) return
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    // A process that was killed while it made the file has left it empty.
    if (size === 0) return
    const first = readMeta(file, 0)
    const second = first && readMeta(file, first.pageSize)
    if (!first || !second) throw new StoreUnavailable(`${path} is damaged: it does not begin as a database; restore it from a backup`)
    const newest = first.transaction > second.transaction ? first : second
    if ((newest.lastPage + 1) * newest.pageSize > size) {
      throw new StoreUnavailable(
        `${path} is damaged: it has ${size} bytes of ${(newest.lastPage + 1) * newest.pageSize}; restore it from a backup`,
      )
    }
  } finally {
    closeSync(file)
  }
}

/** LMDB's meta page: a page header of 24 bytes, magic, version, address, map size, two databases of 48 bytes, last page, transaction. */
function readMeta(file: number, at: number): { pageSize: number; lastPage: number; transaction: number } | undefined {
  const page = Buffer.alloc(metaLength)
  if (readSync(file, page, 0, metaLength, at) < metaLength || page.readUInt32LE(24) !== metaMagic) return undefined
  return { pageSize: page.readUInt32LE(48), lastPage: Number(page.readBigUInt64LE(144)), transaction: Number(page.readBigUInt64LE(152)) }
}

type Owner = { pid: number; started: string; boot: string }

/** Directories of this process, which its own lock file cannot keep from being opened twice. */
const mine = new Set<string>()

function takeLock(dir: string): Disposable {
  const path = join(dir, lock)
  const own = JSON.stringify(describe(process.pid) ?? { pid: process.pid, started: '', boot: '' })
  if (mine.has(path)) throw new StoreUnavailable(`${dir} is already open in this process (pid ${process.pid})`)
  const candidate = `${path}.${process.pid}`
  writeFileSync(candidate, own)
  try {
    for (;;) {
      try {
        linkSync(candidate, path)
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const found = readFileSync(path, 'utf8')
      const owner = parseOwner(found)
      if (owner && isAlive(owner)) {
        throw new StoreUnavailable(`${dir} is in use by another process (pid ${owner.pid}): stop it, or choose another directory`)
      }
      // Only one process gets to move the stale file away. Should it turn out to be a fresh one, it goes back.
      const moved = `${candidate}.stale`
      renameSync(path, moved)
      if (readFileSync(moved, 'utf8') !== found) linkSync(moved, path)
      rmSync(moved)
    }
  } finally {
    rmSync(candidate, { force: true })
  }
  mine.add(path)
  return {
    [Symbol.dispose]() {
      mine.delete(path)
      rmSync(path, { force: true })
    },
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner
  } catch {
    // A lock that was cut short is from a process that did not live to hold it.
    return undefined
  }
}

function isAlive(owner: Owner): boolean {
  const now = describe(owner.pid)
  if (now) return now.started === owner.started && now.boot === owner.boot
  if (existsSync('/proc/self/stat')) return false
  try {
    process.kill(owner.pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** What tells a process from a later one of the same id: when it started, in which boot of the machine. */
function describe(pid: number): Owner | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
    return { pid, started, boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
  } catch {
    // There is no such process, or no /proc.
    return undefined
  }
}

function writeDurably(dir: string, name: string, text: string): void {
  const path = join(dir, name)
  const file = openSync(`${path}.new`, 'w')
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.new`, path)
  syncDirectory(dir)
}

export function syncDirectory(dir: string): void {
  const handle = openSync(dir, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
