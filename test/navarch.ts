import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

/** What is published, as it was bundled last: journeys with real clients run that, not the sources. */
const cli = resolve(import.meta.dirname, '../dist/cli.js')
export const bun = resolve(import.meta.dirname, '../node_modules/@oven/bun-linux-x64/bin/bun')

export interface Ran { code: number; out: string; err: string }

/** Runs a program to its end; what it exits with is part of the answer. */
export function run(program: string, args: readonly string[], { env = {}, input }: { env?: NodeJS.ProcessEnv; input?: string } = {}): Promise<Ran> {
  return new Promise((done, fail) => {
    const child = execFile(program, args, { env: { ...process.env, ...env }, timeout: 60_000, maxBuffer: 64 * 2 ** 20 }, (error, out, err) => {
      if (error && typeof error.code !== 'number') return fail(new Error(`${program} ${args.join(' ')}: ${error.message}\n${err}`, { cause: error }))
      done({ code: (error?.code as number | undefined) ?? 0, out, err })
    })
    child.stdin!.end(input)
  })
}

/** Where a program is on the PATH, if it is. */
export const onPath = (name: string): string | undefined => (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, name)).find(isProgram)

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A directory for one test; everything in it goes with it. */
export function scratch(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'navarch-journey-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export const navarch = (args: readonly string[], { runtime = process.execPath, env = {} }: { runtime?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Ran> => run(runtime, [cli, ...args], { env })

export interface Up extends AsyncDisposable {
  readonly process: ChildProcess
  readonly kubeconfig: string
  readonly dataDir: string
  /** What it has printed so far, both streams. */
  readonly output: () => string
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>
}

/** `navarch up --sim`, until it says that the cluster is ready. Disposing is Ctrl-C. */
export async function up(directory: string, args: readonly string[] = ['--sim', '2'], runtime: string = process.execPath): Promise<Up> {
  if (!existsSync(cli)) throw new Error(`${cli} is not there: npm run bundle comes first`)
  const dataDir = join(directory, 'data')
  const kubeconfig = join(directory, 'kubeconfig')
  const child = spawn(runtime, [cli, 'up', '--data-dir', dataDir, '--kubeconfig', kubeconfig, '--secure-port', '0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const ended = new Promise<number | null>((done) => void child.once('exit', done))
  await new Promise<void>((ready, fail) => {
    const hear = (chunk: Buffer): void => {
      text += chunk.toString()
      if (text.includes('is ready after')) ready()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', fail)
    void ended.then((code) => fail(new Error(`navarch up ended with ${code}:\n${text}`)))
  })
  return {
    process: child, kubeconfig, dataDir, ended,
    output: () => text,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill('SIGINT')
      await ended
    },
  }
}
