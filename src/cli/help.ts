import type { AnyOptions } from '#component-base/options/whole'
import type { Verb } from './verb'

export interface VerbEntry {
  readonly name: string
  readonly summary: string
  load(): Promise<Verb<any>>
}

/** `navarch --help`: what there is, and where to begin. */
export function overview(verbs: readonly VerbEntry[]): string {
  const width = Math.max(...verbs.map(({ name }) => name.length))
  return `Navarch is Kubernetes v1.36 in one program: API server, controllers, scheduler, kubelet, network.

Usage: navarch VERB [flags]

${verbs.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}

Begin here:
  navarch up --sim 3        a cluster with three simulated nodes: no root, no container runtime
  sudo navarch up           a cluster that runs real containers on this machine
  navarch VERB --help       what a verb does, with examples and all its flags
`
}

/** `navarch VERB --help`. */
export function describeVerb({ usage, about, options, examples, first = [] }: Omit<Verb<AnyOptions>, 'run'>): string {
  const others = Object.keys(options).filter((name) => !first.includes(name))
  const wide = Math.max(0, ...examples.map(([command]) => command.length))
  return [
    `Usage: navarch ${usage}\n\n${about}\n`,
    examples.length > 0 ? `Examples:\n${examples.map(([command, purpose]) => `  ${command.padEnd(wide)}  ${purpose}`).join('\n')}\n` : '',
    flagsText('Flags', options, first),
    flagsText(first.length > 0 ? 'More flags, named and meant as those of the original components' : 'Flags', options, others),
  ]
    .filter(Boolean)
    .join('\n')
}

/** Longer names have their text in the line below. */
const widest = 38

function flagsText(title: string, options: AnyOptions, names: readonly string[]): string {
  if (names.length === 0) return ''
  const flags = names.map((name) => {
    const { flag, type, help, default: value } = options[name]!
    const shown = type.show(value)
    return { head: `--${flag}${type.bare === undefined ? ` ${type.name}` : ''}`, text: shown === '' || shown === 'false' ? help : `${help} (default ${shown})` }
  })
  const width = Math.min(widest, Math.max(...flags.map(({ head }) => head.length)))
  const lines = flags.map(({ head, text }) => (head.length > width ? `  ${head}\n${' '.repeat(width + 4)}${text}` : `  ${head.padEnd(width)}  ${text}`))
  return `${title}:\n${lines.join('\n')}\n`
}
