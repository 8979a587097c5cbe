import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDisposables, type Disposables } from '#base/disposal'
import { connect } from './client'
import type { Target } from './phases'
import { start } from './program'
import { type Runtime, script } from './runtimes'

/** A server that runs until it is disposed of. */
export type Server = Target & AsyncDisposable

/** Canned answers about so many pods. */
export async function startFloor(runtime: Runtime, pods: number): Promise<Server> {
  const disposables = createDisposables()
  const program = disposables.use(start(runtime.path, [script('bench/floor.js'), String(pods)]))
  const [url] = await program.says(/https:\/\/\S+/)
  return serverAt(url, [program.pid], disposables)
}

/** `navarch apiserver` with a store of its own on disk; `more` names flags, and is given a directory for files of theirs. */
export async function startApiserver(runtime: Runtime, more?: (directory: string) => Promise<readonly string[]>): Promise<Server> {
  const disposables = createDisposables()
  const directory = await temporaryDirectory(disposables)
  const flags = [
    '--data-dir',
    join(directory, 'data'),
    '--secure-port',
    '0',
    '--token-auth-file',
    await tokenFile(directory),
    '--disable-admission-plugins',
    'ServiceAccount',
    ...((await more?.(directory)) ?? []),
  ]
  const program = disposables.use(start(runtime.path, [script('cli.js'), 'apiserver', ...flags]))
  const [url] = await program.says(/https:\/\/\S+/)
  return serverAt(url, [program.pid], disposables)
}

export function serverAt(url: string, pids: readonly number[], disposables: Disposables): Server {
  const connection = connect(url, token)
  disposables.defer(() => connection.close())
  return { url, token, pids, connection, [Symbol.asyncDispose]: () => disposables[Symbol.asyncDispose]() }
}

/** A directory that goes away with the server. */
export async function temporaryDirectory(disposables: Disposables): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'navarch-bench-'))
  disposables.defer(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export const token = 'benchmark'

/** Makes `token` an administrator's, in the form that `--token-auth-file` takes. */
export async function tokenFile(directory: string): Promise<string> {
  const file = join(directory, 'tokens.csv')
  await writeFile(file, `${token},bench,1,"system:masters"\n`)
  return file
}
