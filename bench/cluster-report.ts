import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { createDisposables, type Disposables } from '#base/disposal'
import { runDeployment } from './deployment'
import { clusterGoals } from './goals'
import type { BenchOptions } from './options'
import { start } from './program'
import { type Runtime, script } from './runtimes'
import { type Server, serverAt, temporaryDirectory, tokenFile } from './servers'
import { megabytes, number, table, verdict } from './table'
import { cpuSeconds, memoryBytes, peakBytes } from './usage'

/** Whole clusters: how fast one starts, what an idle one costs, and how fast pods get onto simulated nodes. */
export async function reportCluster(runtime: Runtime, { quick, wants }: BenchOptions, say: (text: string) => void): Promise<void> {
  const rows = [['', runtime.name, 'goal', '']]
  if (wants('idle')) {
    say(`${runtime.name}: an idle control plane ...`)
    rows.push(...(await idle(runtime, quick)))
  }
  if (wants('deployment')) {
    say(`${runtime.name}: a Deployment on simulated nodes ...`)
    rows.push(...(await deployment(runtime, quick)))
  }
  console.log(`\nWhole clusters on ${runtime.name}\n\n${table(rows)}`)
}

async function idle(runtime: Runtime, quick: boolean): Promise<string[][]> {
  await using disposables = createDisposables()
  const { server, seconds } = await up(runtime, 0, disposables)
  await sleep(quick ? 500 : 5000)
  const [cpu, began] = [cpuSeconds(server.pids), performance.now()]
  await sleep(quick ? 500 : 20_000)
  const share = (cpuSeconds(server.pids) - cpu) / ((performance.now() - began) / 1000)
  const memory = memoryBytes(server.pids)
  const { secondsToReady, idleMemory, idleCpu } = clusterGoals
  return [
    ['start to ready, control plane', `${number(seconds)} s`, `<= ${secondsToReady} s`, verdict(seconds <= secondsToReady, !quick)],
    ['idle memory', megabytes(memory), `<= ${megabytes(idleMemory[runtime.key])}`, verdict(memory <= idleMemory[runtime.key], !quick)],
    ['idle CPU, of one core', `${number(share * 100)} %`, `<= ${idleCpu * 100} %`, verdict(share <= idleCpu, !quick)],
  ]
}

async function deployment(runtime: Runtime, quick: boolean): Promise<string[][]> {
  const [nodes, pods] = quick ? [20, 100] : [1000, 5000]
  await using disposables = createDisposables()
  const { server, seconds } = await up(runtime, nodes, disposables)
  const began = cpuSeconds(server.pids)
  const { created, bound, running } = await runDeployment(server, pods, quick ? 60_000 : 120_000)
  const cpu = cpuSeconds(server.pids) - began
  const name = `${number(pods)} pods on ${number(nodes)} nodes`
  const { secondsToBound, podsRunningPerSecond } = clusterGoals
  return [
    [`start to ready, ${number(nodes)} simulated nodes`, `${number(seconds)} s`, '', ''],
    [`${name}, created`, `${number(created)} s`, '', ''],
    [`${name}, bound`, `${number(bound)} s`, `<= ${secondsToBound} s`, verdict(bound <= secondsToBound, !quick)],
    [`${name}, Running`, `${number(running)} s`, '', ''],
    ['simulated pods to Running', `${number(pods / running)} /s`, `>= ${podsRunningPerSecond} /s`, verdict(pods / running >= podsRunningPerSecond, !quick)],
    ['CPU of it all for each pod', `${number((cpu / pods) * 1000)} ms`, '', ''],
    ['memory then, and at most', `${megabytes(memoryBytes(server.pids))}, ${megabytes(peakBytes(server.pids))}`, '', ''],
  ]
}

/** `navarch up` with simulated nodes; `seconds` from the start of the process until all are Ready. */
async function up(runtime: Runtime, sim: number, disposables: Disposables): Promise<{ server: Server; seconds: number }> {
  const directory = await temporaryDirectory(disposables)
  const flags = [
    '--data-dir',
    join(directory, 'data'),
    '--secure-port',
    '0',
    '--kubeconfig',
    join(directory, 'kubeconfig'),
    '--token-auth-file',
    await tokenFile(directory),
  ]
  const began = performance.now()
  const program = disposables.use(start(runtime.path, [script('cli.js'), 'up', '--sim', String(sim), ...flags]))
  const [, url] = await program.says(/is ready after .*(https:\/\/\S+)/)
  const seconds = (performance.now() - began) / 1000
  return { server: disposables.use(serverAt(url!, [program.pid], createDisposables())), seconds }
}
