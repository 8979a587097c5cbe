import type { ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import { wholeOptions } from '#component-base/options/whole'
import { openMemoryStore } from '#storage/memory/open-memory-store'
import { controlPlaneOptions } from '../options'
import { type Door, openDoor } from './door'
import { createHandover } from './handover'
import type { FromWorker, ToWorker, WorkerSettings } from './messages'
import { startWorkers, type WorkerPool } from './worker-pool'
import { auditLogOf, workersOf } from './workers-of'

/** A process in words only: it does what the test says. */
class FakeChild extends EventEmitter {
  connected = true
  readonly pid: number
  readonly heard: ToWorker[] = []
  readonly stdio = [null, null, null, null, new PassThrough()]
  killed = ''
  constructor(pid: number) {
    super()
    this.pid = pid
  }
  send(message: ToWorker, ...more: unknown[]): boolean {
    this.heard.push(message)
    ;(more.at(-1) as () => void)()
    return true
  }
  says(message: FromWorker): void {
    this.emit('message', message)
  }
  dies(code: number | null, signal: string | null = null): void {
    this.emit('exit', code, signal)
    this.connected = false
    this.emit('disconnect')
  }
  kill(signal: string): boolean {
    this.killed = signal
    this.dies(null, signal)
    return true
  }
}

interface Bed extends AsyncDisposable {
  readonly clock: FakeClock
  readonly door: Door
  readonly children: FakeChild[]
  readonly pool: Promise<WorkerPool>
}

async function bed(count: number): Promise<Bed> {
  const clock = createFakeClock()
  const door = await openDoor('127.0.0.1', 0)
  const children: FakeChild[] = []
  const store = openMemoryStore()
  const spawn = (): ChildProcess => {
    const child = new FakeChild(children.length + 1)
    children.push(child)
    return child as unknown as ChildProcess
  }
  const settings = (worker: number): WorkerSettings => ({ worker, options: {} as WorkerSettings['options'], pkiDirectory: '', simulated: false, components: [], host: door.host, port: door.port })
  const pool = startWorkers(count, { spawn, store, door, settings, patience: 5000, clock, log: silent })
  pool.catch(() => {})
  return {
    clock, door, children, pool,
    async [Symbol.asyncDispose]() {
      door[Symbol.dispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

const asked = (child: FakeChild, what: string): number => child.heard.filter((message) => what in message).length

/** Connects, and waits until somebody has been asked to take it. */
async function comes(children: FakeChild[], door: Door): Promise<Socket> {
  const before = children.reduce((sum, child) => sum + asked(child, 'connection'), 0)
  const socket = connect(door.port, door.host)
  await once(socket, 'connect')
  while (children.reduce((sum, child) => sum + asked(child, 'connection'), 0) === before) await new Promise(setImmediate)
  return socket
}

test('workers that serve get connections in turn; who has not taken the last one is passed over', async () => {
  await using it = await bed(2)
  const { children, door } = it
  for (const child of children) child.says({ ready: true })
  await it.pool
  const sockets = [await comes(children, door), await comes(children, door)]
  expect(children.map((child) => asked(child, 'connection'))).toEqual([1, 1])
  children[1]!.says({ took: true })
  sockets.push(await comes(children, door))
  expect(children.map((child) => asked(child, 'connection'))).toEqual([1, 2])
  for (const socket of sockets) socket.destroy()
})

test('before anybody else serves, connections are for the first process', async () => {
  await using it = await bed(1)
  const own: Socket[] = []
  using _taking = it.door.own.take((socket) => own.push(socket))
  const socket = connect(it.door.port, it.door.host)
  while (own.length === 0) await new Promise(setImmediate)
  socket.destroy()
  own[0]!.destroy()
  it.children[0]!.says({ ready: true })
  await it.pool
  const other = await comes(it.children, it.door)
  expect(own).toHaveLength(1)
  other.destroy()
})

test('a worker that dies is started again, later each time, and hears what has started meanwhile', async () => {
  await using it = await bed(1)
  const { children, clock } = it
  children[0]!.says({ ready: true })
  const pool = await it.pool
  pool.componentStarted('kube-scheduler')
  expect(children[0]!.heard.at(-1)).toEqual({ started: 'kube-scheduler' })
  for (const [i, wait] of [100, 200, 400].entries()) {
    children[i]!.dies(null, 'SIGKILL')
    await clock.settle()
    await clock.advance(wait - 1)
    expect(children).toHaveLength(i + 1)
    await clock.advance(1)
    expect(children).toHaveLength(i + 2)
    expect(children[i + 1]!.heard[0]).toMatchObject({ start: { worker: 1, components: ['kube-scheduler'] } })
    children[i + 1]!.says({ ready: true })
  }
  await clock.advance(60_000)
  children[3]!.dies(1)
  await clock.settle()
  await clock.advance(100)
  expect(children).toHaveLength(5)
  expect(pool.pids).toEqual([5])
})

test('when one cannot start at first, the others are stopped and its words are heard', async () => {
  await using it = await bed(2)
  const { children } = it
  children[0]!.says({ ready: true })
  children[1]!.emit('exit', 1, null)
  children[1]!.says({ failed: 'no certificate' })
  children[1]!.connected = false
  children[1]!.emit('disconnect')
  await it.clock.settle()
  expect(children[0]!.heard.at(-1)).toEqual({ stop: true })
  children[0]!.dies(0)
  await expect(it.pool).rejects.toThrow('API worker 2 ended before it served: no certificate')
  await it.clock.advance(60_000)
  expect(children).toHaveLength(2)
})

test('workers are asked to stop, and killed when they do not; the port closes when the last takes no more', async () => {
  await using it = await bed(2)
  const { children, door } = it
  for (const child of children) child.says({ ready: true })
  const pool = await it.pool
  const stopped = pool[Symbol.asyncDispose]()
  expect(children.map((child) => asked(child, 'stop'))).toEqual([1, 1])
  children[0]!.says({ left: true })
  // The other one still serves, for as long as it was told to.
  const socket = await comes(children, door)
  children[0]!.dies(0)
  children[1]!.says({ left: true })
  socket.destroy()
  const refused = connect(door.port, door.host)
  await expect(once(refused, 'connect')).rejects.toThrow('ECONNREFUSED')
  await it.clock.advance(5000)
  await stopped
  expect(children.map(({ killed }) => killed)).toEqual(['', 'SIGKILL'])
})

test('connections that wait for a worker which dies are not lost with it', () => {
  const sent: ToWorker[] = []
  const handover = createHandover({ send: ((message: ToWorker) => sent.push(message) > 0) as never })
  const sockets = [1, 2, 3].map((n) => ({ n }) as unknown as Socket)
  for (const socket of sockets) handover.give(socket)
  expect([sent.length, handover.busy]).toEqual([1, true])
  handover.took()
  expect(sent).toHaveLength(2)
  expect(handover.end()).toEqual([sockets[2]])
  handover.took()
  expect(sent).toHaveLength(2)
})

test('what only one process can do is refused by name', () => {
  const options = { ...wholeOptions('test', controlPlaneOptions, {}), apiWorkers: 2 }
  const deps = { store: openMemoryStore(), pkiDirectory: '/pki', spawnWorker: () => new FakeChild(1) as unknown as ChildProcess, clock: createFakeClock(), log: silent, signal: new AbortController().signal }
  expect(() => workersOf(options, deps)).not.toThrow()
  const { spawnWorker: _none, ...embedded } = deps
  expect(() => workersOf(options, embedded)).toThrow('--api-workers 2: only the command line starts further processes. Use navarch up')
  expect(() => workersOf(options, { ...deps, rests: [] })).toThrow('given as code stay in this process')
  expect(() => workersOf({ ...options, auditLogPath: '-' }, deps)).toThrow('Name a file with --audit-log-path')
})

test('each worker has an audit log of its own', () => {
  expect(auditLogOf('/var/log/audit.log', 2)).toBe('/var/log/audit-worker-2.log')
  expect(auditLogOf('', 1)).toBe('')
})
