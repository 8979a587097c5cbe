import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeBusyboxImage } from '../busybox-image'
import { freePort } from './machine'

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** Another kubectl than the one on PATH: its path. Journeys hold for each that users have. */
const kubectlProgram = process.env['NAVARCH_TEST_KUBECTL'] ?? 'kubectl'

export interface Said { code: number; out: string; err: string }

/** A real node of this machine, as users have it: `dist/cli.js` in a process of its own, and stock kubectl. */
export interface RealNode {
  readonly dataDir: string
  readonly kubeconfig: string
  readonly apiPort: number
  readonly pid: number
  /** The kubectl in use. */
  readonly program: string
  /** What kubectl prints. Throws with its words when it fails. */
  kubectl(...args: string[]): Promise<string>
  /** kubectl with something on its standard input: manifests for `-f -`. */
  kubectlWith(input: string, ...args: string[]): Promise<string>
  /** kubectl that may fail. */
  tryKubectl(...args: string[]): Promise<Said>
  spawnKubectl(...args: string[]): ChildProcess
  /** An object as JSON. */
  get<T>(...args: string[]): Promise<T>
  /** Waits until an object has a value at a JSON path: what `kubectl wait --for=jsonpath` does since 1.23. */
  waitFor(path: string, value: string, ...object: string[]): Promise<void>
  navarch(...args: string[]): Promise<Said>
  /** Ends the process of the cluster by a signal, and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>
  /** Brings the same cluster up again. */
  up(): Promise<void>
  log(): string
  reset(): Promise<void>
}

export async function startRealNode(flags: readonly string[] = []): Promise<RealNode> {
  if (!existsSync(cli)) throw new Error('dist/cli.js is not there: npm run build first')
  const home = mkdtempSync(join(tmpdir(), 'navarch-real-node-'))
  const dataDir = join(home, 'data')
  const kubeconfig = join(home, 'kubeconfig')
  const logFile = join(home, 'log')
  const [apiPort, kubeletPort] = [await freePort(), await freePort()]
  const env = { ...process.env, KUBECONFIG: kubeconfig }
  let child: ChildProcess | undefined

  const run = (program: string, args: readonly string[], input?: string): Promise<Said> =>
    new Promise((resolve) => {
      const running = execFile(program, args, { env, maxBuffer: 64 << 20, timeout: 100_000 }, (error, out, err) =>
        resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, out, err }))
      running.stdin?.on('error', () => undefined)
      running.stdin?.end(input ?? '')
    })
  const orThrow = (what: string, { code, out, err }: Said): string => {
    if (code !== 0) throw new Error(`${what} failed with ${code}: ${err || out}`)
    return out
  }

  const node: RealNode = {
    dataDir, kubeconfig, apiPort,
    program: kubectlProgram,
    get pid() {
      return child!.pid!
    },
    kubectl: async (...args) => orThrow(`kubectl ${args.join(' ')}`, await run(kubectlProgram, args)),
    kubectlWith: async (input, ...args) => orThrow(`kubectl ${args.join(' ')}`, await run(kubectlProgram, args, input)),
    tryKubectl: (...args) => run(kubectlProgram, args),
    spawnKubectl: (...args) => spawn(kubectlProgram, args, { env }),
    get: async (...args) => JSON.parse(orThrow(`kubectl get ${args.join(' ')}`, await run(kubectlProgram, ['get', ...args, '-o', 'json']))) as never,
    waitFor: (path, value, ...object) => until(async () => (await node.kubectl('get', ...object, '-o', `jsonpath=${path}`)) === value, `${object.join(' ')} has ${value} at ${path}`),
    navarch: (...args) => run(process.execPath, [cli, ...args, '--data-dir', dataDir]),
    async end(signal) {
      const running = child
      if (!running || running.exitCode !== null || running.signalCode !== null) return
      const gone = new Promise((resolve) => running.once('exit', resolve))
      running.kill(signal)
      await gone
    },
    async up() {
      const output = openSync(logFile, 'a')
      const before = readFileSync(logFile, 'utf8').length
      child = spawn(process.execPath, [cli, 'up', '--data-dir', dataDir, '--kubeconfig', kubeconfig, '--secure-port', String(apiPort), '--kubelet-port', String(kubeletPort), '--v', '1', ...flags], { stdio: ['ignore', output, output], env })
      closeSync(output)
      await until(() => {
        const text = readFileSync(logFile, 'utf8').slice(before)
        if (child!.exitCode !== null) throw new Error(`navarch up ended: ${text}`)
        return text.includes(' is ready after ')
      }, 'the cluster is ready')
    },
    log: () => readFileSync(logFile, 'utf8'),
    async reset() {
      await node.end('SIGTERM')
      orThrow('navarch reset', await run(process.execPath, [cli, 'reset', '--yes', '--data-dir', dataDir]))
      rmSync(home, { recursive: true, force: true })
    },
  }
  try {
    await node.up()
    const image = join(home, 'busybox.tar')
    writeBusyboxImage(image)
    orThrow('navarch image import', await run(process.execPath, [cli, 'image', 'import', image]))
  } catch (error) {
    await node.reset()
    throw error
  }
  return node
}

/** Waits for something that only looking tells; throws with what was waited for. */
export async function until(condition: () => Promise<boolean> | boolean, what: string, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000
  for (let last: unknown; ; ) {
    try {
      if (await condition()) return
      last = undefined
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('navarch up ended')) throw error
      last = error
    }
    if (Date.now() > end) throw new Error(`${seconds} s passed without this: ${what}`, { cause: last })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
