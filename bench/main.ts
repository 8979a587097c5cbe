import { availableParallelism, cpus } from 'node:os'
import { reportCluster } from './cluster-report'
import { reportFeatures } from './feature-report'
import { reportLoad } from './load-report'
import { type BenchOptions, featureKeys, readOptions, usage } from './options'
import { phases } from './phases'

async function main(options: BenchOptions): Promise<void> {
  const say = (text: string): void => void (process.stderr.isTTY && process.stderr.write(`${text}\n`))
  console.log(`${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}, shared by servers and load`)
  for (const runtime of options.runtimes) {
    if (phases.some(({ key }) => options.wants(key))) await reportLoad(runtime, options, say)
    if (featureKeys.some(options.wants)) await reportFeatures(runtime, options, say)
    if (options.wants('idle') || options.wants('deployment')) await reportCluster(runtime, options, say)
  }
}

if (process.argv.includes('--help')) console.log(usage)
else await main(readOptions(process.argv.slice(2)))
