import type { Backend, Failed } from './backend'
import { legacyLine } from './event'

export interface Lines extends AsyncDisposable {
  write(text: string): void
}

/** Events as lines, of JSON or for people. */
export const logBackend = (out: Lines, format: 'json' | 'legacy', failed: Failed): Backend => ({
  process(events) {
    try {
      let text = ''
      for (const event of events) text += format === 'json' ? `${event.json}\n` : `${legacyLine(event.facts)}\n`
      out.write(text)
      return true
    } catch (error) {
      failed('log', error, events)
      return false
    }
  },
  [Symbol.asyncDispose]: () => out[Symbol.asyncDispose](),
})

/** `--audit-log-path -` */
export const standardOutput: Lines = {
  write: (text) => void process.stdout.write(text),
  async [Symbol.asyncDispose]() {},
}
