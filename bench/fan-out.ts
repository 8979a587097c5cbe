import { connect } from './client'
import { newPod, podsPath } from './objects'
import { type Figures, measure, type Sizes, type Target } from './phases'

/** Every watcher gets every pod that is made while it watches; ten watchers share a connection. */
export async function fanOut(target: Target, { watchers, watched }: Sizes): Promise<Figures> {
  const { metadata } = JSON.parse(await target.connection.call('GET', `${podsPath}?limit=1`, undefined, { keep: true })) as {
    metadata: { resourceVersion: string }
  }
  const path = `${podsPath}?watch=true&timeoutSeconds=120&resourceVersion=${metadata.resourceVersion}`
  const connections = Array.from({ length: Math.ceil(watchers / 10) }, () => connect(target.url, target.token))
  const expected = watchers * watched
  const sent: number[] = []
  const delays: number[] = []
  let seen = 0
  let finish: () => void
  const everything = new Promise<void>((resolve) => (finish = resolve))
  try {
    await Promise.all(
      Array.from({ length: watchers }, (_, w) => {
        // One watcher in ten reads whose event it got and when, a sample of the delays; the others count lines.
        const onLine = w % 10 === 0 ? (line: string) => void delays.push(performance.now() - sent[Number(/"idx":"(\d+)"/.exec(line)![1])]!) : undefined
        return connections[w % connections.length]!.watch(
          path,
          byLine(onLine, () => {
            if (++seen === expected) finish()
          }),
        )
      }),
    )
    const bodies = Array.from({ length: watched }, (_, i) => JSON.stringify(newPod(`w-${i}`, i)))
    const { seconds, cpu } = await measure(target, watched, 32, async (i) => {
      sent[i] = performance.now()
      await target.connection.call('POST', podsPath, bodies[i])
      if (i === watched - 1) await Promise.race([everything, ...connections.map(({ failed }) => failed)])
    })
    delays.sort((a, b) => a - b)
    return { count: expected, seconds, cpu: cpu / watchers, p99: delays[Math.trunc(delays.length * 0.99)]! }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** Finds the lines in what arrives; their text is made only for `onLine`. */
function byLine(onLine: ((line: string) => void) | undefined, onEnd: () => void): (bytes: Buffer) => void {
  let rest = ''
  return (bytes) => {
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      if (onLine) {
        onLine(rest + bytes.toString('latin1', from, end))
        rest = ''
      }
      from = end + 1
      onEnd()
    }
    if (onLine) rest += bytes.toString('latin1', from)
  }
}
