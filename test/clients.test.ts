import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { run, scratch, type Up, up } from './navarch'

/** Clients of other languages, as Debian has them: each is a script that does what its users do. */
const clients = [
  { program: '/usr/bin/python3', probe: ['-c', 'import kubernetes'], script: 'client.py', package: 'python3-kubernetes' },
  { program: '/usr/bin/ruby', probe: ['-e', "require 'kubeclient'"], script: 'client.rb', package: 'ruby-kubeclient' },
]

describe('clients of other languages', () => {
  const directory = scratch()
  let cluster: Up
  beforeAll(async () => {
    cluster = await up(directory.path)
  })
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]()
    directory[Symbol.dispose]()
  })

  for (const { program, probe, script, package: name } of clients) {
    const isThere = spawnSync(program, probe).status === 0
    if (!isThere) console.warn(`the journey of ${script} is skipped: apt install ${name}`)
    test.skipIf(!isThere)(name, async () => {
      const { out, err } = await run(program, [resolve(import.meta.dirname, 'clients', script), cluster.kubeconfig])
      expect(out, err).toBe('done\n')
    }, 60_000)
  }
})
