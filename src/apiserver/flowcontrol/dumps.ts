import type { Result } from '../exchange'
import type { RootEndpoint } from '../root/root'
import { formatDuration } from '#component-base/options/duration'
import type { Configuration, Level } from './levels'
import type { Ticket } from './queue-set'
import { seatsOf } from './work-estimate'

const root = '/debug/api_priority_and_fairness/'

/** What is going on in the priority levels, as tables for people. */
export function dumpEndpoints(configuration: () => Configuration): RootEndpoint[] {
  const endpoint = (name: string, rows: (levels: Level[], details: boolean) => string[][]): RootEndpoint => ({
    path: root + name,
    unlisted: true,
    serve({ info }) {
      const levels = [...configuration().levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
      return text(table(rows(levels, (info.query.get('includeRequestDetails') ?? '') !== '')))
    },
  })
  return [endpoint('dump_priority_levels', priorityLevels), endpoint('dump_queues', queues), endpoint('dump_requests', requests)]
}

const text = (bytes: string): Result => ({ sort: 'bytes', code: 200, contentType: 'text/plain; charset=utf-8', bytes })

/** Columns as wide as what is in them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 7, cell.length + 1)
  return rows.map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : `${cell},`.padEnd(widths[i]! + 1))).join('')}\n`).join('')
}

function priorityLevels(levels: Level[]): string[][] {
  const head = [
    'PriorityLevelName', 'ActiveQueues', 'IsIdle', 'IsQuiescing', 'WaitingRequests', 'ExecutingRequests', 'DispatchedRequests', 'RejectedRequests', 'TimedoutRequests', 'CancelledRequests',
  ]
  return [head, ...levels.map(({ name, queues: set, quiescing }) => {
    const { waiting, executing, dispatched, rejected, timedOut, cancelled } = set.counts
    const active = set.allQueues.filter((queue) => queue.waiting.length > 0).length
    return [name, active, set.idle, quiescing, waiting, executing, dispatched, rejected, timedOut, cancelled].map(String)
  })]
}

function queues(levels: Level[]): string[][] {
  const head = ['PriorityLevelName', 'Index', 'PendingRequests', 'ExecutingRequests', 'SeatsInUse', 'NextDispatchR', 'InitialSeatsSum', 'MaxSeatsSum', 'TotalWorkSum']
  return [head, ...levels.flatMap(({ name, queues: set }) => set.allQueues.map(({ index, waiting, executing, seatsInUse, nextDispatchR, work }) => [
    name, String(index), String(waiting.length), String(executing), String(seatsInUse), seatSeconds(nextDispatchR),
    String(waiting.reduce((sum, { estimate }) => sum + estimate.initialSeats, 0)), String(waiting.reduce((sum, { estimate }) => sum + seatsOf(estimate), 0)), seatSeconds(work),
  ]))]
}

const seatSeconds = (ms: number): string => `${(ms / 1000).toFixed(8)}ss`

function requests(levels: Level[], details: boolean): string[][] {
  const head = [
    'PriorityLevelName', 'FlowSchemaName', 'QueueIndex', 'RequestIndexInQueue', 'FlowDistingsher', 'ArriveTime', 'InitialSeats', 'FinalSeats', 'AdditionalLatency', 'StartTime',
    ...(details ? ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'] : []),
  ]
  const row = (level: string, queue: number, place: number, { schema, distinguisher, arrived, estimate, started, exchange: { user, info } }: Ticket): string[] => [
    level, schema, String(queue), String(place), distinguisher, new Date(arrived).toISOString(), String(estimate.initialSeats), String(estimate.finalSeats),
    formatDuration(estimate.additionalLatency), started === 0 ? '0001-01-01T00:00:00Z' : new Date(started).toISOString(),
    ...(details ? [user.name, info.verb, info.path, info.namespace, info.name, info.group === '' ? info.version : `${info.group}/${info.version}`, info.resource, info.subresource] : []),
  ]
  return [head, ...levels.flatMap(({ name, queues: set }) => [
    ...set.allQueues.flatMap(({ index, waiting }) => waiting.map((ticket, place) => row(name, index, place, ticket))),
    ...[...set.executing].map((ticket) => row(name, (ticket as { queue?: { index: number } }).queue?.index ?? -1, -1, ticket)),
  ])]
}
