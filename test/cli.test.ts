import { existsSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodes } from '#api/index'
import { connectionOf, createClient, createHttpTransport, readKubeconfig } from '#client/index'
import { navarch, scratch, up } from './navarch'

test('up, status, a second up, Ctrl-C, up again', async () => {
  using directory = scratch()
  const at = ['--data-dir', join(directory.path, 'data')]
  const none = await navarch(['status', ...at])
  expect([none.code, none.err]).toEqual([1, `no cluster is running on ${at[1]}. Bring one up with: navarch up\n`])

  await using cluster = await up(directory.path)
  expect(cluster.output()).toContain('The cluster with 2 simulated nodes is ready after')
  const status = await navarch(['status', ...at])
  expect(status.code).toBe(0)
  expect(status.out).toMatch(/API server +https:\/\/127\.0\.0\.1:\d+\n/)
  expect(status.out).toContain('2 of 2 ready (simulated)')

  const second = await navarch(['up', '--sim', '1', ...at, '--secure-port', '0'])
  expect(second.code).toBe(1)
  expect(second.err).toContain(`a cluster is running on ${at[1]} already`)
  expect(second.err).toContain(`navarch down --data-dir ${at[1]}`)

  await using transport = createHttpTransport(await connectionOf(await readKubeconfig(cluster.kubeconfig)))
  expect((await createClient(transport).list(nodes)).items.map(({ metadata }) => metadata.name)).toEqual(['sim-0', 'sim-1'])
  await transport[Symbol.asyncDispose]()

  cluster.process.kill('SIGINT')
  expect(await cluster.ended).toBe(0)
  expect(cluster.output()).toContain('stopping')
  expect((await navarch(['status', ...at])).code).toBe(1)

  await using again = await up(directory.path)
  expect(again.output()).toContain('is ready after')
})

test('in the background: -d, down, reset', async () => {
  using directory = scratch()
  const dataDir = join(directory.path, 'data')
  const kubeconfig = join(directory.path, 'kubeconfig')
  const started = await navarch(['up', '-d', '--sim', '1', '--data-dir', dataDir, '--kubeconfig', kubeconfig, '--secure-port', '0'])
  try {
    expect(started.code, started.err).toBe(0)
    expect(started.out).toContain('The cluster with 1 simulated node is ready after')
    expect((await navarch(['status', '--data-dir', dataDir])).code).toBe(0)
    const down = await navarch(['down', '--data-dir', dataDir])
    expect([down.code, down.err]).toEqual([0, `stopped the cluster of ${dataDir}\n`])
    expect((await navarch(['down', '--data-dir', dataDir])).err).toBe(`no cluster is running on ${dataDir}\n`)
  } finally {
    const refused = await navarch(['reset', '--data-dir', dataDir])
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('--yes')
    expect(existsSync(dataDir)).toBe(true)
    const env = { KUBECONFIG: kubeconfig }
    expect((await navarch(['reset', '--yes', '--data-dir', dataDir], { env })).code).toBe(0)
  }
  expect(existsSync(dataDir)).toBe(false)
  expect(readFileSync(kubeconfig, 'utf8')).not.toContain('navarch')
})

test('two clusters side by side', async () => {
  using one = scratch()
  using two = scratch()
  await using first = await up(one.path, ['--sim', '1'])
  await using second = await up(two.path, ['--sim', '3'])
  expect((await navarch(['status', '--data-dir', first.dataDir])).out).toContain('1 of 1 ready')
  expect((await navarch(['status', '--data-dir', second.dataDir])).out).toContain('3 of 3 ready')
})

test('what cannot be is refused with what would help', async () => {
  using directory = scratch()
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  try {
    const at = ['--data-dir', join(directory.path, 'data'), '--kubeconfig', join(directory.path, 'kubeconfig')]
    const busy = await navarch(['up', '--sim', '1', ...at, '--secure-port', String(port)])
    expect(busy.code).toBe(1)
    expect(busy.err).toContain(String(port))
    expect(busy.err).toContain('--secure-port')
    for (const [args, told] of [
      [['up', '--sim', 'three'], '--sim'],
      [['up', '--secure-port', '70000', '--sim', '1'], '70000'],
      [['up', '--nonsense'], '--nonsense'],
    ] as const) {
      const { code, err } = await navarch([...args, ...at])
      expect(code).toBe(1)
      expect(err).toContain(told)
      expect(err).toContain('navarch up --help')
    }
    const unknown = await navarch(['fly'])
    expect([unknown.code, unknown.err.split(';')[0]]).toEqual([2, 'navarch: there is no verb "fly"'])
    expect((await navarch(['--help'])).code).toBe(0)
    expect((await navarch(['up', '--help'])).out).toContain('--data-dir')
    expect((await navarch(['version'])).out).toMatch(/1\.36/)
    expect((await navarch(['kubeconfig', ...at.slice(0, 2)])).code).toBe(1)
  } finally {
    server.close()
  }
})
