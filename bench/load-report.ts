import { createDisposables } from '#base/disposal'
import { clusterGoals, fanOutDelay, loadGoals } from './goals'
import { kubeIsThere, startKube } from './kube'
import type { BenchOptions } from './options'
import { type Figures, fullSizes, phases, quickSizes, warmUp } from './phases'
import type { Runtime } from './runtimes'
import { startApiserver, startFloor } from './servers'
import { megabytes, number, table, time, verdict } from './table'
import { memoryBytes } from './usage'

/**
 * The load on the floor, on `navarch apiserver` and on kube-apiserver where it is there. They go through each phase one right
 * after the other: what else the machine does then tells on all of them.
 */
export async function reportLoad(runtime: Runtime, { quick, wants }: BenchOptions, say: (text: string) => void): Promise<void> {
  const sizes = quick ? quickSizes : fullSizes
  const withKube = kubeIsThere() && !quick
  await using disposables = createDisposables()
  const floor = disposables.use(await startFloor(runtime, sizes.pods))
  const navarch = disposables.use(await startApiserver(runtime))
  const kube = withKube ? disposables.use(await startKube()) : undefined
  const servers = [floor, navarch, ...(kube ? [kube] : [])]
  say(`${runtime.name}: ${sizes.pods} pods ...`)
  for (const server of servers) await warmUp(server, sizes)

  const rows = [['', 'floor /s', 'navarch /s', 'floor CPU', 'navarch CPU', 'ratio', 'goal', '', ...(kube ? ['kube /s', 'kube CPU', 'ratio', 'goal', ''] : [])]]
  for (const phase of phases) {
    if (!wants(phase.key)) continue
    say(`${runtime.name}: ${phase.name} ...`)
    const [low, own, peer] = [await phase.run(floor, sizes), await phase.run(navarch, sizes), kube && (await phase.run(kube, sizes))] as const
    const goal = loadGoals[phase.key]!
    const atMost = typeof goal.floor === 'object' ? goal.floor[runtime.key] : goal.floor
    rows.push([
      phase.name,
      rate(low),
      rate(own),
      time(low.cpu),
      time(own.cpu),
      `${number(own.cpu / low.cpu)}x`,
      ...(atMost === undefined ? ['', ''] : [`<= ${atMost}x`, verdict(own.cpu <= atMost * low.cpu, !quick)]),
      ...(peer
        ? [rate(peer), time(peer.cpu), `1/${number(peer.cpu / own.cpu)}`, `<= 1/${number(1 / goal.kube)}`, verdict(own.cpu <= goal.kube * peer.cpu, true)]
        : []),
    ])
    if (own.p99 !== undefined)
      rows.push(
        row(
          '  99 in 100 arrive within',
          `${number(low.p99!)} ms`,
          `${number(own.p99)} ms`,
          `<= ${fanOutDelay} ms`,
          verdict(own.p99 <= fanOutDelay, !quick),
          peer && `${number(peer.p99!)} ms`,
        ),
      )
  }
  const memory = memoryBytes(navarch.pids)
  rows.push(
    row(
      'memory after it',
      megabytes(memoryBytes(floor.pids)),
      megabytes(memory),
      `<= ${megabytes(clusterGoals.memoryAfterLoad)}`,
      verdict(memory <= clusterGoals.memoryAfterLoad, !quick),
      kube && megabytes(memoryBytes(kube.pids)),
    ),
  )
  const width = rows[0]!.length
  console.log(`\nAPI server on ${runtime.name}, ${number(sizes.pods)} pods of 6 kB; CPU of the server for each request\n`)
  console.log(table(rows.map((cells) => [...cells, ...Array<string>(width - cells.length).fill('')])))
}

const rate = ({ count, seconds }: Figures): string => number(count / seconds)

const row = (name: string, floor: string, navarch: string, goal: string, met: string, kube?: string): string[] => [
  name,
  floor,
  navarch,
  '',
  '',
  '',
  goal,
  met,
  ...(kube ? [kube] : []),
]
