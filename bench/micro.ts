import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { UserInfo } from '#apiserver/authentication/authenticator'
import { jsonForm } from '#apiserver/encoding/json-form'
import { HttpExchange } from '#apiserver/listener/http-exchange'
import { dispatch } from '#apiserver/verbs/dispatch'
import { systemClock } from '#base/clock'
import { startControlPlane } from '#cluster/control-plane'
import { controlPlaneOptions } from '#cluster/options'
import { openStore } from '#cluster/open-store'
import { wholeOptions } from '#component-base/options/whole'
import { silent } from '#component-base/log'
import { newPod, podsPath } from './objects'

/**
 * What a request costs above TLS and HTTP/2: verbs are called in this process, on a store on disk, 32 at a time, from the bytes of a
 * body to the bytes of an answer. Steadier than `main.ts`, and what profilers are pointed at:
 * `node --cpu-prof dist/bench/micro.js --only patch --pods 4000`.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, pods: { type: 'string', default: '4000' }, rounds: { type: 'string', default: '3' } } })
const pods = Number(values.pods)
const rounds = Number(values.rounds)
const user: UserInfo = { name: 'bench', groups: ['system:masters', 'system:authenticated'] }
const dir = mkdtempSync(join(tmpdir(), 'navarch-micro-'))
const log = silent
const stopping = new AbortController()

interface Row {
  key: string
  count: number
  width?: number
  one(i: number, round: number): Promise<unknown>
}

{
  const options = wholeOptions('micro', controlPlaneOptions, { securePort: 0, disableAdmissionPlugins: ['ServiceAccount'] })
  const store = await openStore(options, dir, { clock: systemClock, log })
  const plane = await startControlPlane(options, { store, clock: systemClock, log, signal: stopping.signal })
  const { registry } = plane.apiServer

  const call = async (method: string, target: string, body?: Uint8Array, contentType = 'application/json'): Promise<number> => {
    const headers = { 'user-agent': 'bench/1', accept: 'application/json', ...(body ? { 'content-type': contentType } : {}) }
    const exchange = new HttpExchange(method, target, headers, { headers }, '', () => Promise.resolve(body ?? none), () => {})
    exchange.user = user
    const result = await dispatch(registry, exchange)
    if (result.sort === 'entry') return jsonForm.single(result.kind, result.entry).length
    if (result.sort === 'list') {
      let size = 0
      for (const piece of jsonForm.list(result)) size += piece.length
      return size
    }
    return 0
  }
  const none = new Uint8Array(0)
  const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
  await call('POST', '/api/v1/namespaces', bytes({ metadata: { name: 'load' } }))
  const bodies = (prefix: string): Uint8Array[] => Array.from({ length: pods }, (_, i) => bytes(newPod(`${prefix}-${i}`, i)))

  const drive = async ({ count, width = 32, one }: Row, round: number): Promise<{ cpu: number; wall: number }> => {
    let next = 0
    const worker = async (): Promise<void> => {
      for (let i = next++; i < count; i = next++) await one(i, round)
    }
    const before = process.cpuUsage()
    const start = performance.now()
    await Promise.all(Array.from({ length: width }, worker))
    const { user: own, system } = process.cpuUsage(before)
    return { cpu: (own + system) / count, wall: ((performance.now() - start) * 1000) / count }
  }

  const made = Array.from({ length: rounds }, (_, round) => bodies(`r${round}`))
  const first = bodies('p')
  await drive({ key: '', count: pods, one: (i) => call('POST', podsPath, first[i]) }, 0)
  const patch = (type: string, of: (i: number, round: number) => unknown) => (i: number, round: number) =>
    call('PATCH', `${podsPath}/p-${i}`, bytes(of(i, round)), `application/${type}`)
  const rows: Row[] = [
    { key: 'create', count: pods, one: (i, round) => call('POST', podsPath, made[round]![i]) },
    { key: 'delete', count: pods, one: (i, round) => call('DELETE', `${podsPath}/r${round}-${i}?gracePeriodSeconds=0`) },
    { key: 'get', count: pods, one: (i) => call('GET', `${podsPath}/p-${i}`) },
    { key: 'list', count: 20, width: 1, one: () => call('GET', `${podsPath}?resourceVersion=0`) },
    { key: 'list-label', count: 500, width: 1, one: (i) => call('GET', `${podsPath}?resourceVersion=0&labelSelector=app%3Dapp-${i % 100}`) },
    { key: 'patch', count: pods, one: patch('merge-patch+json', (i, round) => ({ metadata: { annotations: { touched: `${round} ${i}` } } })) },
    { key: 'patch-strategic', count: pods, one: patch('strategic-merge-patch+json', (i, round) => ({ metadata: { labels: { touched: `${round}-${i}` } } })) },
    {
      key: 'patch-status', count: pods,
      one: (i, round) => call('PATCH', `${podsPath}/p-${i}/status`, bytes({ status: { message: `${round} ${i}`, conditions: [{ type: 'Ready', status: 'False', reason: `r${round}` }] } }), 'application/strategic-merge-patch+json'),
    },
    {
      key: 'apply', count: pods,
      one: (i, round) => call('PATCH', `${podsPath}/p-${i}?fieldManager=bench-apply`, bytes({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `p-${i}`, labels: { applied: `${round}` } } }), 'application/apply-patch+yaml'),
    },
  ]
  console.log(`${process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.version}`}, ${pods} pods: CPU us of each round, best`)
  for (const row of rows) {
    // Deletions need what the creations left.
    if (values.only && !values.only.split(',').includes(row.key) && !(row.key === 'create' && values.only.includes('delete'))) continue
    const cpu: number[] = []
    for (let round = 0; round < rounds; round++) cpu.push((await drive(row, round)).cpu)
    console.log(`${row.key.padEnd(16)} ${cpu.map((one) => one.toFixed(0).padStart(7)).join('')}   best ${Math.min(...cpu).toFixed(0)}`)
  }
  stopping.abort(new Error('done'))
  await plane[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
}
