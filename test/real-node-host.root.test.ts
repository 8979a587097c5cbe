import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whyNoRealNode } from './real-node/machine'
import { until } from './real-node/real-node'

const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const why = await whyNoRealNode()
if (why) console.warn(`a machine without its programs is skipped: ${why}`)

const found = (program: string): string => execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin; command -v ${program}`], { encoding: 'utf8' }).trim()

describe.skipIf(why)('a machine that lacks programs', () => {
  let home: string
  let bin: string
  let words: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'navarch-host-'))
    bin = join(home, 'bin')
    execFileSync('mkdir', [bin])
    words = ''
  })
  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  /** `navarch up` where nothing is on PATH but what the test puts there. */
  function up(...flags: string[]) {
    const child = spawn(process.execPath, [cli, 'up', '--data-dir', join(home, 'data'), '--kubeconfig', join(home, 'kubeconfig'), '--secure-port', '0', '--kubelet-port', '0', ...flags], { env: { HOME: home, PATH: bin } })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (words += data.toString()))
    return { child, ended: new Promise<number | null>((resolve) => child.once('exit', resolve)) }
  }
  const aptGet = (script: string): void => writeFileSync(join(bin, 'apt-get'), `#!/bin/sh\necho "$@" >> ${home}/apt\n${script}\n`, { mode: 0o755 })

  test('says what is missing, how to get it, and what works without', async () => {
    expect(await up().ended).toBe(1)
    expect(words).toContain('this machine is not ready:')
    expect(words).toContain('containerd: not found on PATH\n    -> apt-get install containerd, or navarch up --install')
    expect(words).toContain('Or without a real node: navarch up --sim 3')
  })

  test('--install that fails says so in the words of apt', async () => {
    aptGet('[ "$1" = update ] && exit 0; echo "E: Unable to locate package containerd" >&2; exit 100')
    expect(await up('--install').ended).toBe(1)
    expect(words).toContain('apt-get install containerd failed: E: Unable to locate package containerd')
  })

  test('--install gets what is missing, and the node comes up', async () => {
    // As the package would, though without the network.
    for (const program of ['containerd', 'containerd-shim-runc-v2', 'ctr']) symlinkSync(found(program), join(home, program))
    aptGet(`[ "$1" = install ] && /bin/mv ${home}/containerd ${home}/containerd-shim-runc-v2 ${home}/ctr ${bin}/; exit 0`)
    const { child, ended } = up('--install')
    await until(() => {
      if (child.exitCode !== null) throw new Error(`navarch up ended: ${words}`)
      return words.includes(' is ready after ')
    }, 'the node is ready')
    expect(readFileSync(join(home, 'apt'), 'utf8')).toBe('update -q\ninstall -y -q --no-install-recommends containerd\n')
    expect(existsSync('/run/navarch/containerd/containerd.sock')).toBe(true)
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    // No pod was ever there, nor what pods leave.
    execFileSync(process.execPath, [cli, 'reset', '--yes', '--data-dir', join(home, 'data')], { stdio: 'ignore' })
    expect(existsSync('/run/navarch')).toBe(false)
  })
})
