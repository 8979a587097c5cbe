import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { checkNodeHost } from '#cluster/host/preflight'
import { cniBinDirs, runtimeRuns } from '#cluster/real-node'

const has = (program: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Why this machine cannot run a real node with stock kubectl, or undefined. */
export async function whyNoRealNode(): Promise<string | undefined> {
  if (existsSync('/run/navarch/containerd/containerd.sock')) return 'a node of Navarch is on this machine already (navarch down, or navarch reset)'
  const missing = ['kubectl', 'busybox', 'script'].filter((program) => !has(program))
  if (missing.length > 0) return `${missing.join(', ')} not on PATH`
  const findings = await checkNodeHost({ securePort: 0, bindAddress: '', kubeletPort: 0, cniBinDirs, runtimeRunning: await runtimeRuns('') })
  const failed = findings.filter(({ verdict }) => verdict === 'fail')
  return failed.length === 0 ? undefined : failed.map(({ what, seen }) => `${what}: ${seen}`).join('; ')
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
