import { createDisposables } from '#base/disposal'
import { type Feature, features, prepareCustomResource } from './features'
import type { BenchOptions } from './options'
import { measure } from './phases'
import type { Runtime } from './runtimes'
import { startApiserver, type Server } from './servers'
import { number, table, time, verdict } from './table'

/**
 * What features cost: the same work without and with each, in turns on servers that both run, so that what else the machine does
 * tells on both. The median of the rounds counts.
 */
export async function reportFeatures(runtime: Runtime, { quick, wants }: BenchOptions, say: (text: string) => void): Promise<void> {
  const rows = [['', 'without', 'with', 'ratio', 'more', 'goal', '']]
  await using disposables = createDisposables()
  const shared = disposables.use(await started(runtime))
  await prepareCustomResource(shared.connection)
  for (const feature of features) {
    if (!wants(feature.key)) continue
    say(`${runtime.name}: ${feature.name} ...`)
    await using own = createDisposables()
    // Two servers are started together, or one would be warmer than the other.
    const [plain, server] = feature.flags || feature.prepare ? [own.use(await started(runtime)), own.use(await started(runtime, feature.flags))] : [shared, shared]
    await feature.prepare?.(server.connection)
    const [without, having] = await compare(feature, plain, server, quick)
    const [ratio, more] = [having / without, having - without]
    const goal = !feature.goal ? '' : 'ratio' in feature.goal ? `<= ${feature.goal.ratio}x` : `<= ${feature.goal.more} us more`
    const met = feature.goal && ('ratio' in feature.goal ? ratio <= feature.goal.ratio : more <= feature.goal.more)
    rows.push([feature.name, time(without), time(having), `${number(ratio)}x`, time(more), goal, met === undefined ? '' : verdict(met, !quick)])
  }
  console.log(`\nFeatures on ${runtime.name}: CPU of the server for each request\n\n${table(rows)}`)
}

async function started(runtime: Runtime, flags?: Feature['flags']): Promise<Server> {
  const server = await startApiserver(runtime, flags)
  await server.connection.call('POST', '/api/v1/namespaces', JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'load' } }))
  return server
}

/** Microseconds a request, without and with it. */
async function compare(feature: Feature, plain: Server, server: Server, quick: boolean): Promise<[number, number]> {
  const count = Math.ceil((feature.count ?? 1000) * (quick ? 0.1 : 1))
  const costs: [number[], number[]] = [[], []]
  const [warming, counted] = quick ? [1, 1] : [6, 7]
  for (let round = 0; round < warming + counted; round++) {
    const without = await measure(plain, count, 32, (i) => feature.without(plain.connection, round, i))
    const having = await measure(server, count, 32, (i) => feature.with(server.connection, round, i))
    if (round < warming) continue
    costs[0].push(without.cpu)
    costs[1].push(having.cpu)
  }
  return [median(costs[0]), median(costs[1])]
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)]!
