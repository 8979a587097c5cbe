import { run } from './command'

/** Installs Debian packages. Throws with apt's own last words when it cannot. */
export async function installPackages(packages: readonly string[], progress: (text: string) => void): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  progress('reading package lists')
  const update = await run('apt-get', ['update', '-q'], { env })
  if (update.code !== 0) throw new Error(`apt-get update failed: ${lastLines(update.stderr)}`)
  progress(`installing ${packages.join(', ')}`)
  const install = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env })
  if (install.code !== 0) throw new Error(`apt-get install ${packages.join(' ')} failed: ${lastLines(install.stderr)}`)
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' | ')
