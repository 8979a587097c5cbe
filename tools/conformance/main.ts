import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { lostNames } from '../ratchet/compare'
import { addConformance, readNames } from '../ratchet/limits'
import { fromRoot } from '../ratchet/sources'
import { startCluster } from './cluster'
import { readReport, type Result } from './report'
import { focusOn, namesOfClass, readArguments, suiteArguments, type Wish } from './suite'

/**
 * The public conformance suite against a cluster of simulated nodes out of `dist/`. Without arguments it runs the tests that
 * `ratchets/conformance.txt` names, and fails where one is lost; `--tighten` writes down what passes besides.
 */
const program = process.env.E2E_TEST
const wish = readArguments(process.argv.slice(2))
if (!program) {
  console.log('conformance: skipped, since E2E_TEST does not say where e2e.test is: in a checkout of kubernetes v1.36, outside of this repository, `go test -c -o e2e.test ./test/e2e` makes it')
} else if (!existsSync(fromRoot('dist/cli.js'))) {
  throw new Error('conformance: there is no dist/cli.js; run npm run build first')
} else {
  const names = namesOf(wish)
  const directory = mkdtempSync(join(tmpdir(), 'navarch-conformance-'))
  const results = await runSuite(program, directory, names ? focusOn(names) : `(${wish.filter ?? ''}).*\\[Conformance\\]`)
  const passed = results.filter((result) => result.passed).map(({ name }) => name)
  const failed = results.filter((result) => !result.passed)
  for (const { name, seconds, message } of failed) console.log(`FAIL ${name} (${Math.round(seconds)} s)\n     ${message.slice(0, 400).replaceAll(/\s+/g, ' ')}`)
  const silent = names ? lostNames(results.map(({ name }) => name), names) : []
  for (const name of silent) console.log(`FAIL ${name}\n     it did not run`)
  console.log(`conformance: ${passed.length} passed, ${failed.length + silent.length} failed, in ${Math.round(results.reduce((sum, { seconds }) => sum + seconds, 0))} s`)
  if (wish.tighten) addConformance(passed)
  process.exitCode = failed.length + silent.length > 0 || passed.length === 0 ? 1 : 0
  if (process.exitCode === 0) rmSync(directory, { recursive: true, force: true })
  else console.log(`conformance: what the suite said is in ${join(directory, 'log')}`)
}

/** The tests by name, where they can be named. */
function namesOf({ all, class: wanted, filter }: Wish): string[] | undefined {
  if (all || (filter !== undefined && wanted === undefined)) return undefined
  if (wanted === undefined) return readNames()
  const table = process.env.CONFORMANCE_TSV ?? fromRoot('../shared/reference/conformance.tsv')
  if (!existsSync(table)) throw new Error(`conformance: --class needs the list of classes, ${table}; CONFORMANCE_TSV names it elsewhere`)
  const names = namesOfClass(readFileSync(table, 'utf8'), wanted)
  return filter === undefined ? names : names.filter((name) => new RegExp(filter).test(name))
}

async function runSuite(program: string, directory: string, focus: string): Promise<Result[]> {
  await using cluster = await startCluster(directory)
  const report = join(directory, 'report')
  const child = spawn(program, suiteArguments({ kubeconfig: cluster.kubeconfig, focus, report }), {
    // Its tests of kubectl take the one beside it first.
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig, PATH: `${dirname(program)}${delimiter}${process.env.PATH ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(join(directory, 'log'))
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  // It exits with 1 when a test failed: the report says which.
  const [code] = (await once(child, 'close')) as [number | null]
  log.end()
  const files = existsSync(report) ? readdirSync(report).filter((file) => /^junit.*\.xml$/.test(file)) : []
  if (files.length === 0) throw new Error(`conformance: the suite ended with ${code} and left no report; ${join(directory, 'log')} has what it said`)
  return files.flatMap((file) => readReport(readFileSync(join(report, file), 'utf8')))
}
