import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { comparePercents, tighten } from '../ratchet/compare'
import { readLimits, writeLimits } from '../ratchet/limits'
import { fromRoot } from '../ratchet/sources'
import { percents, type Report } from './report'
import { startServer } from './server'

/**
 * How alike our answers are to those of a real kube-apiserver, by area. Fails when an area got worse than `ratchets.json` says;
 * `-- --tighten` writes down what got better. Other arguments go to the comparison (`-- --only ssa,patches`).
 */
const script = process.env.PARITY_SCRIPT ?? fromRoot('../shared/parity/parity.py')
const args = process.argv.slice(2)

if (!existsSync(script)) {
  console.log('parity: skipped, since the recorded answers of a real server are not beside this checkout (PARITY_SCRIPT names parity.py elsewhere)')
} else if (!existsSync(fromRoot('dist/cli.js'))) {
  throw new Error('parity: there is no dist/cli.js; run npm run build first')
} else {
  const found = percents(await compare(args.filter((argument) => argument !== '--tighten')))
  const limits = readLimits()
  const verdicts = comparePercents(found, limits.parity)
  for (const { name, limit, worse } of verdicts) console.log(`${worse ? 'WORSE' : 'ok   '} ${name}: ${found[name]!.toFixed(1)}% (at least ${limit}%)`)
  if (args.includes('--tighten')) writeLimits({ ...limits, parity: tighten(limits.parity, verdicts) })
  process.exitCode = verdicts.some(({ worse }) => worse) ? 1 : 0
}

async function compare(more: readonly string[]): Promise<Report> {
  await using server = await startServer()
  const child = spawn('python3', ['-B', script, 'compare', '--server', server.url, '--token', server.token, '--json', ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (piece: Buffer) => (text += piece.toString()))
  // It exits with 1 when anything differs: the report says what that means.
  const [code] = (await once(child, 'close')) as [number | null]
  if (text === '') throw new Error(`parity: the comparison ended with ${code} and said nothing`)
  return JSON.parse(text) as Report
}
