import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { arch, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pauseImageName } from './containerd-config'
import { ociArchive } from './oci-archive'
import { pauseProgram } from './pause-program'

const run = promisify(execFile)

export interface ImportTarget {
  /** containerd's socket. */
  socket: string
  /** `ctr`, where it is not on PATH. */
  ctr?: string
}

/** Loads an OCI or docker archive into the images that pods see; resolves with the names it had. */
export async function importImage(file: string, { socket, ctr = 'ctr' }: ImportTarget): Promise<string[]> {
  try {
    const { stdout } = await run(ctr, ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', file])
    return [...stdout.matchAll(/^unpacking (\S+)/gm)].map((match) => match[1]!)
  } catch (error) {
    const words = (error as { stderr?: string }).stderr?.trim() || (error as Error).message
    throw new Error(`image import of ${file} failed: ${words}`, { cause: error })
  }
}

/** Puts the built-in pause image there, so that the first sandbox needs no registry. */
export async function importPauseImage(target: ImportTarget): Promise<void> {
  if (arch() !== 'x64') throw new Error(`no built-in pause image for ${arch()}: import one as ${pauseImageName} with "navarch image import FILE"`)
  const directory = await mkdtemp(join(tmpdir(), 'navarch-pause-'))
  try {
    const file = join(directory, 'pause.tar')
    await writeFile(file, pauseArchive())
    await importImage(file, target)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

export function pauseArchive(): Uint8Array {
  return ociArchive({ name: pauseImageName, architecture: 'amd64', files: { pause: { content: pauseProgram(), mode: 0o755 } }, config: { Entrypoint: ['/pause'], User: '65535:65535', Env: ['PATH=/'] } })
}
