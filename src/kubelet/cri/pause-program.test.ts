import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pauseArchive } from './import-image'
import { pauseProgram } from './pause-program'

test.runIf(platform() === 'linux' && arch() === 'x64')('the pause program waits until it is told to end', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pause-'))
  try {
    const file = join(directory, 'pause')
    writeFileSync(file, pauseProgram(), { mode: 0o755 })
    const child = spawn(file)
    await once(child, 'spawn')
    // Stopped by a signal that it does not handle, it would say so here.
    expect(child.exitCode).toBeNull()
    const exit = once(child, 'exit')
    // The first instructions may not have run yet: only a handled signal gives code 0.
    const again = setInterval(() => child.kill('SIGCHLD'), 5)
    setTimeout(() => child.kill('SIGTERM'), 50)
    const [code, by] = await exit
    clearInterval(again)
    expect({ code, by }).toEqual({ code: 0, by: null })
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('the image archive can be read by tar and is the same every time', () => {
  const archive = pauseArchive()
  expect(Buffer.compare(archive, pauseArchive())).toBe(0)
  const names = execFileSync('tar', ['-t'], { input: archive }).toString().trim().split('\n')
  expect(names.slice(0, 2)).toEqual(['oci-layout', 'index.json'])
  const index = JSON.parse(execFileSync('tar', ['-xO', 'index.json'], { input: archive }).toString())
  expect(index.manifests[0].annotations['io.containerd.image.name']).toBe('registry.k8s.io/pause:navarch')
})
