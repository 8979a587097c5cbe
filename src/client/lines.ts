/**
 * Splits bytes at line feeds. Hands on all whole lines of a chunk at once, so that whoever reads a watch sees a burst as a
 * burst. A last line without a feed is handed on at the end.
 */
export async function readLines(bytes: AsyncIterable<Uint8Array>, take: (lines: string[]) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest: Uint8Array[] = []
  for await (const chunk of bytes) {
    const last = chunk.lastIndexOf(10)
    if (last < 0) {
      rest.push(chunk)
      continue
    }
    const whole = rest.length === 0 ? chunk.subarray(0, last) : Buffer.concat([...rest, chunk.subarray(0, last)])
    rest = last + 1 < chunk.length ? [chunk.subarray(last + 1)] : []
    take(decoder.decode(whole).split('\n').filter(Boolean))
  }
  if (rest.length > 0) take(decoder.decode(Buffer.concat(rest)).split('\n').filter(Boolean))
}
