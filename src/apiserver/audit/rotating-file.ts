import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Clock } from '#base/clock'
import { messageOf } from '#base/error-message'
import type { Log } from '#component-base/log'

export interface RotatingFileOptions {
  readonly path: string
  /** Megabytes that a file may have before the next one is begun; 0: it grows. */
  readonly maxSize: number
  /** How many old files are kept, and for how many days; 0: all. */
  readonly maxBackups: number
  readonly maxAge: number
  /** Old files are compressed with gzip. */
  readonly compress: boolean
}

export interface RotatingFile extends AsyncDisposable {
  /** Written when it returns. Throws where it cannot be. */
  write(text: string): void
}

const megabyte = 1024 * 1024

/** A log file that makes room for the next: old ones are called `audit-2026-11-23T10-00-00.000.log`. */
export function openRotatingFile({ path, maxSize, maxBackups, maxAge, compress }: RotatingFileOptions, clock: Clock, log: Log): RotatingFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const open = (): number => openSync(path, 'a', 0o600)
  let file = open()
  let { size } = fstatSync(file)
  let tidying: Promise<void> | undefined
  let again = false

  const extension = extname(path)
  const stem = basename(path, extension)
  const backup = (): string => join(dirname(path), `${stem}-${new Date(clock.now()).toISOString().replaceAll(':', '-').slice(0, -1)}${extension}`)

  function rotate(): void {
    closeSync(file)
    renameSync(path, backup())
    file = open()
    size = 0
    again = true
    tidying ??= tidyUp()
  }

  /** What is too much or too old goes; it is never waited for by a request. */
  async function tidyUp(): Promise<void> {
    while (again) {
      again = false
      try {
        const old = await oldFiles()
        const tooOld = clock.now() - maxAge * 24 * 3600_000
        const gone = old.filter(({ time }, i) => (maxBackups > 0 && i >= maxBackups) || (maxAge > 0 && time < tooOld))
        for (const { name } of gone) await rm(join(dirname(path), name), { force: true })
        if (compress) for (const one of old) if (!gone.includes(one) && !one.name.endsWith('.gz')) await compressed(join(dirname(path), one.name))
      } catch (error) {
        log.warn('old audit logs could not be tidied up', { path, error: messageOf(error) })
      }
    }
    tidying = undefined
  }

  /** Newest first. */
  async function oldFiles(): Promise<{ name: string; time: number }[]> {
    const found = (await readdir(dirname(path))).flatMap((name) => {
      const plain = name.endsWith('.gz') ? name.slice(0, -3) : name
      if (!plain.startsWith(`${stem}-`) || !plain.endsWith(extension)) return []
      const stamp = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(plain.slice(stem.length + 1, plain.length - extension.length))
      return stamp ? [{ name, time: Date.parse(`${stamp[1]}T${stamp[2]}:${stamp[3]}:${stamp[4]}Z`) }] : []
    })
    return found.sort((a, b) => b.time - a.time)
  }

  return {
    write(text) {
      const bytes = Buffer.from(text)
      if (maxSize > 0 && size > 0 && size + bytes.length > maxSize * megabyte) rotate()
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
      size += bytes.length
    },
    async [Symbol.asyncDispose]() {
      closeSync(file)
      await tidying
    },
  }
}

async function compressed(file: string): Promise<void> {
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz`, { mode: 0o600 }))
  await rm(file)
}
