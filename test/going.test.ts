import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { configmaps } from '#api/index'
import { createDeferred } from '#base/deferred'
import { createClient } from '#client/create-client'
import { createHttpTransport } from '#client/http-transport'
import { connectionOf, loadKubeconfig } from '#client/kubeconfig'
import { scratch, up } from './navarch'

const transportOf = async (file: string) => createHttpTransport(await connectionOf(await loadKubeconfig({ file })))

test('SIGTERM under load: what was acknowledged is there, and nothing else is', { timeout: 60_000 }, async () => {
  using directory = scratch()
  const acknowledged = new Set<string>()
  {
    await using cluster = await up(directory.path, ['--sim', '0'])
    let goes = true
    const enough = createDeferred()
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      await using transport = await transportOf(cluster.kubeconfig)
      const client = createClient(transport)
      for (let i = 0; goes; i++) {
        const name = `w${writer}-${i}`
        try {
          await client.create(configmaps, { metadata: { namespace: 'default', name }, data: { filling: 'x'.repeat(2000) } })
          acknowledged.add(name)
          if (acknowledged.size === 500) enough.resolve()
        } catch {
          // Not let in any more.
          return
        }
      }
    })
    await enough.promise
    cluster.process.kill('SIGTERM')
    expect(await cluster.ended).toBe(0)
    goes = false
    await Promise.all(writers)
  }
  await using again = await up(directory.path, ['--sim', '0'])
  await using transport = await transportOf(again.kubeconfig)
  const { items } = await createClient(transport).list(configmaps, { namespace: 'default' })
  const found = new Set(items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('w')))
  expect(found).toEqual(acknowledged)
})

test('SIGTERM while it starts ends it soon, whenever it comes', { timeout: 120_000 }, async () => {
  using directory = scratch()
  const cli = resolve(import.meta.dirname, '../dist/cli.js')
  for (const ms of [150, 400, 600, 800, 1000, 1300]) {
    const child = spawn(process.execPath, [cli, 'up', '--sim', '1', '--data-dir', join(directory.path, 'data'), '--kubeconfig', join(directory.path, 'kubeconfig'), '--secure-port', '0'], { stdio: 'ignore' })
    const ended = once(child, 'exit')
    await sleep(ms)
    child.kill('SIGTERM')
    const [code, signal] = (await Promise.race([ended, sleep(20_000, ['hangs'])])) as [unknown, unknown]
    if (code === 'hangs') child.kill('SIGKILL')
    // Before it listens for signals the system ends it; later it ends by itself.
    expect([0, 1, null], `after ${ms} ms: ${String(code)} ${String(signal)}`).toContain(code)
  }
})
