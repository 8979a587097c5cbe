import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { parseLogLine, shownText } from './log-line'

const block = 64 * 1024

/** Where the last `lines` lines of a file begin: reads blocks from its end, never the whole. */
export async function tailOffset(file: FileHandle, size: number, lines: number): Promise<number> {
  if (lines === 0) return size
  const buffer = Buffer.alloc(block)
  let seen = 0
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block)
    const { bytesRead } = await file.read(buffer, 0, end - start, start)
    for (let i = bytesRead - 1; i >= 0; i--) {
      // The end of line that closes the file is not the beginning of another.
      if (buffer[i] === 10 && start + i !== size - 1 && ++seen === lines) return start + i + 1
    }
    end = start
  }
  return 0
}

/** The end of a container's log as plain text: at most so many lines and bytes. */
export async function tailOfLog(path: string, { lines, bytes }: { lines: number; bytes: number }): Promise<string | undefined> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    const from = await tailOffset(file, size, lines)
    const buffer = Buffer.alloc(size - from)
    await file.read(buffer, 0, buffer.length, from)
    const text = buffer.toString().split('\n').flatMap((line) => parseLogLine(line) ?? []).map(shownText).join('')
    return text.length > bytes ? text.slice(-bytes) : text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
