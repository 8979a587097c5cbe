#!/usr/bin/env node
import { OptionsError, readFlags, wholeOptions } from '#component-base/options/whole'
import { describeVerb, overview, type VerbEntry } from './help'
import type { Terminal } from './verb'

const verbs: readonly VerbEntry[] = [
  { name: 'up', summary: 'bring a cluster up', load: async () => (await import('./verbs/up')).up },
  { name: 'status', summary: 'show whether a cluster runs, and how it is', load: async () => (await import('./verbs/status')).status },
  { name: 'down', summary: 'stop a cluster and its containers; its data stays', load: async () => (await import('./verbs/down')).down },
  { name: 'reset', summary: 'stop a cluster and remove everything it left on this machine', load: async () => (await import('./verbs/reset')).reset },
  { name: 'kubeconfig', summary: 'print the kubeconfig of a cluster', load: async () => (await import('./verbs/kubeconfig')).kubeconfig },
  { name: 'apiserver', summary: 'run the API server alone, with the flags of kube-apiserver', load: async () => (await import('./verbs/apiserver')).apiserver },
  { name: 'image', summary: 'load a container image from a file into the node of this machine', load: async () => (await import('./verbs/image')).image },
  { name: 'version', summary: 'print the version', load: async () => (await import('./verbs/version')).version },
]

/** What the program calls itself with, in processes of its own. */
const internal: readonly VerbEntry[] = [{ name: 'api-worker', summary: 'serve the API for the process that starts it', load: async () => (await import('./verbs/api-worker')).apiWorker }]

const terminal: Terminal = { print: (text) => process.stdout.write(`${text}\n`), say: (text) => process.stderr.write(`${text}\n`) }

async function main([name, ...argv]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.print(overview(verbs))
    return name === undefined ? 2 : 0
  }
  const entry = [...verbs, ...internal].find((verb) => verb.name === (name === '--version' ? 'version' : name))
  if (!entry) {
    terminal.say(`navarch: there is no verb ${JSON.stringify(name)}; the verbs are ${verbs.map((verb) => verb.name).join(', ')}`)
    return 2
  }
  const verb = await entry.load()
  if (argv.includes('--help') || argv.includes('-h')) {
    terminal.print(describeVerb(verb))
    return 0
  }
  try {
    const { options, rest } = readFlags(`navarch ${entry.name}`, verb.options, expandShort(argv), verb.refused)
    return await verb.run(wholeOptions(`navarch ${entry.name}`, verb.options, options), rest, terminal)
  } catch (error) {
    if (process.env.NAVARCH_DEBUG) terminal.say(String((error as Error).stack))
    else if (error instanceof OptionsError) terminal.say(`${error.message}\nSee navarch ${entry.name} --help`)
    else terminal.say(`navarch ${entry.name}: ${(error as Error).message}`)
    return 1
  }
}

/** The one short flag. */
const expandShort = (argv: readonly string[]): string[] => argv.map((argument) => (argument === '-d' ? '--detach' : argument))

process.exitCode = await main(process.argv.slice(2))
