import type { ContainerOutcome } from '#kubelet/fake/rules'

/** What a command that does nothing but wait and end would come to; undefined for every other. */
export function simulatedCommand(command: readonly string[]): ContainerOutcome | undefined {
  const [program = '', ...args] = command
  switch (program.slice(program.lastIndexOf('/') + 1)) {
    case 'true': return ended(0)
    case 'false': return ended(1)
    case 'sleep': return slept(args)
    case 'sh':
    case 'bash':
    case 'ash': return args[0] === '-c' && args[1] !== undefined ? script(args[1]) : undefined
    default: return undefined
  }
}

const ended = (exitCode: number, runMs = 0): ContainerOutcome => ({ runMs, exitCode })

const units: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function slept(args: readonly string[]): ContainerOutcome | undefined {
  let ms = 0
  for (const arg of args) {
    if (arg === 'infinity' || arg === 'inf') return {}
    const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(arg) ?? []
    if (amount === undefined) return undefined
    ms += Number(amount) * units[unit!]!
  }
  // A timer holds no more than this: who sleeps longer does not wake.
  return args.length === 0 ? undefined : ms < 2 ** 31 ? ended(0, ms) : {}
}

/** `sleep 5; exit 1`, `sleep 1 && true`: statements of the same few words, one after the other. */
function script(text: string): ContainerOutcome | undefined {
  if (/[|`$(){}<>"'#\\]/.test(text) || text.replaceAll('&&', '').includes('&')) return undefined
  let [runMs, exitCode] = [0, 0]
  for (const [, statement = '', joint = ''] of text.trim().matchAll(/([^;&\n]+)(;|&&|\n|$)/g)) {
    const words = statement.trim().split(/\s+/)
    if (words[0] === '') continue
    const exits = words[0] === 'exit' && /^\d{1,3}$/.test(words[1] ?? '0') && words.length <= 2
    const outcome = exits ? ended(Number(words[1] ?? exitCode)) : simulatedCommand(words)
    if (!outcome || outcome.runMs === undefined) return outcome
    runMs += outcome.runMs
    exitCode = outcome.exitCode ?? 0
    if (exits || (joint === '&&' && exitCode !== 0)) return ended(exitCode, runMs)
  }
  return ended(exitCode, runMs)
}
