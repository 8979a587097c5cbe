import { watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Clock } from '#base/clock'
import { parseLogLine, shownText } from './log-line'
import { tailOffset } from './tail'

export interface LogOptions {
  follow: boolean
  timestamps: boolean
  /** Milliseconds since 1970: older lines are left out. */
  since?: number
  tailLines?: number
  limitBytes?: number
  stream: 'All' | 'Stdout' | 'Stderr'
}
export interface LogDeps {
  clock: Clock
  /** Asked while following, when nothing was written for a moment: a container that has ended writes no more. */
  running(): Promise<boolean>
}

const block = 64 * 1024
/** While it is followed, a quiet log is asked for its container that often. */
const quietMs = 1000

/** A container's log in pieces, as kubectl shows it. Ends with the container when it is followed, else with the file. */
export async function* readLogs(path: string, options: LogOptions, { clock, running }: LogDeps, signal: AbortSignal): AsyncGenerator<Buffer> {
  let file = await open(path)
  let next: FileHandle | undefined
  try {
    const { size } = await file.stat()
    let at = options.tailLines === undefined ? 0 : await tailOffset(file, size, options.tailLines)
    let left = options.limitBytes ?? Infinity
    let rest = Buffer.alloc(0)
    const buffer = Buffer.alloc(block)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, block, at)
      if (signal.aborted) return
      if (bytesRead > 0) {
        at += bytesRead
        const whole = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
        const end = whole.lastIndexOf(10) + 1
        rest = Buffer.from(whole.subarray(end))
        let text = Buffer.from(chosen(whole.toString('utf8', 0, end), options))
        if (text.length > left) text = text.subarray(0, left)
        left -= text.length
        if (text.length > 0) yield text
        if (left <= 0) return
        continue
      }
      if (!options.follow) return
      if (next) {
        await file.close()
        file = next
        next = undefined
        at = 0
        rest = Buffer.alloc(0)
        continue
      }
      next = await replaced(file, path)
      // What was written before the file was moved aside is read first.
      if (next) continue
      const changed = await change(path, clock, signal)
      if (signal.aborted) return
      // What was written between the last read and its end is read once more.
      if (!changed && !(await running()) && (await file.stat()).size <= at) return
    }
  } finally {
    await file.close()
    await next?.close()
  }
}

function chosen(text: string, { timestamps, since, stream }: LogOptions): string {
  let out = ''
  for (const line of text.split('\n')) {
    const parsed = parseLogLine(line)
    if (!parsed || (stream === 'Stdout' && parsed.stream !== 'stdout') || (stream === 'Stderr' && parsed.stream !== 'stderr')) continue
    if (since !== undefined && Date.parse(parsed.time) < since) continue
    out += timestamps ? `${parsed.time} ${shownText(parsed)}` : shownText(parsed)
  }
  return out
}

/** The file that stands at the path now, where it is another one: logs were rotated. */
async function replaced(file: FileHandle, path: string): Promise<FileHandle | undefined> {
  try {
    const [ours, theirs] = await Promise.all([file.stat(), stat(path)])
    return ours.ino === theirs.ino ? undefined : await open(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Resolves when the file was written to (true), or after a quiet moment (false). */
function change(path: string, clock: Clock, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const name = basename(path)
    const done = (changed: boolean): void => {
      timer[Symbol.dispose]()
      watcher.close()
      signal.removeEventListener('abort', onAbort)
      resolve(changed)
    }
    const onAbort = (): void => done(false)
    const watcher = watch(dirname(path), { persistent: false }, (_, file) => {
      if (file === name) done(true)
    })
    watcher.on('error', () => done(false))
    const timer = clock.after(quietMs, () => done(false))
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
