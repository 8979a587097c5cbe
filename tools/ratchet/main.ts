import { notBuilt } from '#api/not-built'
import { compareCounts, lostNames, tighten } from './compare'
import { filesOver400, missingRules, usesOfAny } from './counts'
import { addConformance, readLimits, readNames, writeLimits } from './limits'
import { readSources } from './sources'

/**
 * Numbers that may only get better. `npm run ratchet` fails when one got worse, and says where; with `-- --tighten` it writes
 * down what got better. `-- --conformance FILE` looks at a run of the conformance suite too: FILE names the tests that passed.
 */
const args = process.argv.slice(2)
const at = args.indexOf('--conformance')
const conformanceFile = at < 0 ? undefined : args[at + 1]
if (at >= 0 && conformanceFile === undefined) throw new Error('--conformance needs a file: the names of the tests that passed, one a line')

const limits = readLimits()
const sources = readSources()
const found = { 'uses of any': usesOfAny(sources), 'files over 400 lines': filesOver400(sources), 'rules not built': missingRules(notBuilt) }
const verdicts = compareCounts(found, limits.counts)
for (const { name, found: count, limit, worse } of verdicts) {
  console.log(`${worse ? 'WORSE' : 'ok   '} ${name}: ${count} (at most ${limit})`)
  if (worse) for (const place of found[name as keyof typeof found]) console.log(`      ${place}`)
}

const passed = conformanceFile === undefined ? undefined : readNames(conformanceFile)
const lost = passed ? lostNames(passed, readNames()) : []
if (passed) console.log(`${lost.length > 0 ? 'WORSE' : 'ok   '} conformance tests: ${passed.length} passed, ${lost.length} that passed before did not`)
for (const name of lost) console.log(`      ${name}`)

if (args.includes('--tighten')) {
  writeLimits({ ...limits, counts: tighten(limits.counts, verdicts) })
  if (passed) addConformance(passed)
}
process.exitCode = lost.length > 0 || verdicts.some(({ worse }) => worse) ? 1 : 0
