import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const bun = fileURLToPath(new URL('../../node_modules/@oven/bun-linux-x64/bin/bun', import.meta.url))

// Skipped where npm has left the optional binary out.
test.skipIf(!existsSync(bun))('the embedded drivers keep their contract on Bun', { timeout: 60_000 }, () => {
  const script = fileURLToPath(new URL('run-suite.ts', import.meta.url))
  const run = spawnSync(bun, ['--conditions=source', script], { encoding: 'utf8' })
  expect(run.stderr).toBe('')
  expect(run.stdout).toMatch(/^\d+ passed, 0 failed\n$/)
})
