import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const bun = path('../../node_modules/@oven/bun-linux-x64/bin/bun')

/** Bun, where npm has not left the optional binary out, and other releases of Node that NAVARCH_RUNTIMES names. */
const runtimes: [program: string, ...args: string[]][] = [
  ...(existsSync(bun) ? [[bun, '--conditions=source'] as [string, string]] : []),
  ...(process.env.NAVARCH_RUNTIMES ?? '').split(delimiter).filter(Boolean).map((node): [string, ...string[]] => [node, path('../../node_modules/tsx/dist/cli.mjs'), '--conditions=source']),
]

describe.skipIf(runtimes.length === 0).each(runtimes.map((runtime) => ({ name: basename(runtime[0]), runtime })))('$name', ({ runtime: [program, ...args] }) => {
  test('the embedded drivers keep their contract', { timeout: 60_000 }, () => {
    const run = spawnSync(program, [...args, path('run-suite.ts')], { encoding: 'utf8' })
    expect(run.stderr).toBe('')
    expect(run.stdout).toMatch(/^\d+ passed, 0 failed\n$/)
  })
})
