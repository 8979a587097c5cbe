import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Pod } from '#api/core/v1/types'
import { createCgroups } from './cgroups'
import { detectCgroups } from './detect'
import { cpuWeight } from './v2'

const root = mkdtempSync(join(tmpdir(), 'navarch-cgroups-'))
afterAll(() => rmSync(root, { recursive: true }))

const pod = (uid: string, resources: object): Pod => ({ metadata: { name: uid, namespace: 'd', uid }, spec: { containers: [{ name: 'c', resources }] }, status: {} }) as unknown as Pod
const burstable = pod('u1', { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } })
const guaranteed = pod('u2', { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } })
const bestEffort = pod('u3', {})

/** A tree as the kernel would show it: each directory that will be there has its control files. */
function tree(mount: string, directories: readonly string[], files: Readonly<Record<string, string>>): (path: string) => string {
  for (const directory of ['', ...directories]) {
    mkdirSync(join(mount, directory), { recursive: true })
    for (const [name, content] of Object.entries(files)) writeFileSync(join(mount, directory, name), content)
  }
  return (path) => readFileSync(join(mount, path), 'utf8').trim()
}

test('the unified hierarchy: controllers are handed down, limits and weights written where the pod is', async () => {
  const mount = join(root, 'unified')
  const read = tree(mount, ['kubepods', 'kubepods/burstable', 'kubepods/besteffort'], { 'cgroup.controllers': 'cpuset cpu io memory pids\n', 'cgroup.subtree_control': 'pids\n' })
  const mounts = join(root, 'mounts-v2')
  writeFileSync(mounts, `sysfs /sys sysfs rw 0 0\ncgroup2 ${mount} cgroup2 rw,nsdelegate 0 0\n`)
  const cgroups = createCgroups(await detectCgroups(mounts), '/')
  expect(await cgroups.ensurePod(burstable)).toBe('/kubepods/burstable/podu1')
  expect(await cgroups.ensurePod(guaranteed)).toBe('/kubepods/podu2')
  expect(await cgroups.ensurePod(bestEffort)).toBe('/kubepods/besteffort/podu3')
  // What the kernel does not have is not asked for.
  for (const path of ['', 'kubepods/', 'kubepods/burstable/']) expect(read(`${path}cgroup.subtree_control`)).toMatch(/^\+cpu \+memory (\+pids )?\+cpuset \+io$/)
  expect(['cpu.weight', 'cpu.max', 'memory.max'].map((file) => read(`kubepods/burstable/podu1/${file}`))).toEqual(['20', '100000 100000', String(128 * 1024 * 1024)])
  expect(['cpu.weight', 'cpu.max', 'memory.max'].map((file) => read(`kubepods/podu2/${file}`))).toEqual(['79', '200000 100000', String(1024 * 1024 * 1024)])
  expect(read('kubepods/besteffort/cpu.weight'), 'pods without requests get what others leave').toBe('1')
  expect(existsSync(join(mount, 'kubepods/besteffort/podu3/memory.max'))).toBe(false)
})

test('the older hierarchies: a directory in each, a cpuset that is not empty', async () => {
  const [cpu, memory, cpuset] = ['cpu', 'memory', 'cpuset'].map((name) => join(root, 'v1', name)) as [string, string, string]
  for (const mount of [cpu, memory]) mkdirSync(mount, { recursive: true })
  const directories = ['kubepods', 'kubepods/burstable', 'kubepods/burstable/podu1', 'kubepods/besteffort']
  const read = tree(cpuset, directories, { 'cpuset.cpus': '', 'cpuset.mems': '' })
  for (const [file, value] of [['cpuset.cpus', '0-3'], ['cpuset.mems', '0']] as const) writeFileSync(join(cpuset, file), value)
  const mounts = join(root, 'mounts-v1')
  writeFileSync(mounts, `cgroup ${cpu} cgroup rw,cpu,cpuacct 0 0\ncgroup ${memory} cgroup rw,memory 0 0\ncgroup ${cpuset} cgroup rw,cpuset 0 0\ncgroup2 ${join(root, 'hybrid')} cgroup2 rw 0 0\n`)
  await createCgroups(await detectCgroups(mounts), '/').ensurePod(burstable)
  expect(read('kubepods/burstable/podu1/cpuset.cpus')).toBe('0-3')
  const value = (mount: string, file: string): string => readFileSync(join(mount, 'kubepods/burstable/podu1', file), 'utf8')
  expect([value(cpu, 'cpu.shares'), value(cpu, 'cpu.cfs_quota_us'), value(memory, 'memory.limit_in_bytes')]).toEqual(['512', '100000', String(128 * 1024 * 1024)])
})

test('a machine without cgroups is told', async () => {
  const mounts = join(root, 'none')
  writeFileSync(mounts, 'proc /proc proc rw 0 0\n')
  await expect(detectCgroups(mounts)).rejects.toThrow('no cgroup file system is mounted: mount cgroup2 at /sys/fs/cgroup')
})

test('shares become weights as the original counts them', () => {
  expect([2, 102, 1024, 262_144].map(cpuWeight)).toEqual([1, 4, 39, 10_000])
})
