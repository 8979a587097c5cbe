import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fromRoot } from '../ratchet/sources'

/** A cluster of two simulated nodes out of `dist/`, which keeps what it has in the directory; resolves when it is ready. */
export async function startCluster(directory: string): Promise<{ readonly kubeconfig: string } & AsyncDisposable> {
  const kubeconfig = join(directory, 'kubeconfig')
  const child = spawn(
    process.execPath, [fromRoot('dist/cli.js'), 'up', '--sim', '2', '--secure-port', '0', '--data-dir', join(directory, 'data'), '--kubeconfig', kubeconfig],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const exited = once(child, 'exit')
  let said = ''
  await new Promise<void>((ready, fail) => {
    const hear = (piece: Buffer): void => {
      // Later on, what it logs is of no interest.
      said = (said + piece.toString()).slice(-4000)
      if (said.includes('is ready after')) ready()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void exited.then(([code]) => fail(new Error(`the cluster ended with ${String(code)} before it was ready: ${said}`)), fail)
  })
  return {
    kubeconfig,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await exited
    },
  }
}
