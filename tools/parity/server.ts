import { randomBytes } from 'node:crypto'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromRoot } from '../ratchet/sources'

export interface ServerUnderTest extends AsyncDisposable {
  readonly url: string
  /** Of a member of system:masters named `admin`. */
  readonly token: string
}

/** A control plane without nodes out of `dist/`, set up as the server of the recording was, in a directory that goes with it. */
export async function startServer(): Promise<ServerUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'navarch-parity-'))
  const token = randomBytes(16).toString('hex')
  const tokens = join(directory, 'tokens.csv')
  writeFileSync(tokens, `${token},admin,admin,"system:masters"\n`, { mode: 0o600 })
  const child = spawn(
    process.execPath,
    [
      fromRoot('dist/cli.js'), 'up', '--sim', '0', '--secure-port', '0', '--data-dir', join(directory, 'data'), '--kubeconfig', join(directory, 'kubeconfig'),
      '--token-auth-file', tokens, '--service-account-issuer', 'https://kubernetes.default.svc', '--disable-admission-plugins', 'NodeRestriction',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const exited = once(child, 'exit')
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    return { url: await urlOf(child, exited), token, [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** The address that it prints when it is ready. */
async function urlOf(child: ChildProcess, exited: Promise<unknown[]>): Promise<string> {
  let text = ''
  // What it logs while it runs is of no interest here; why it did not start is.
  let said = ''
  child.stderr!.on('data', (piece: Buffer) => (said = (said + piece.toString()).slice(-2000)))
  const printed = new Promise<string>((resolve) => {
    child.stdout!.on('data', (piece: Buffer) => {
      text += piece.toString()
      const url = /https:\/\/[^\s,]+/.exec(text)?.[0]
      if (url) resolve(url)
    })
  })
  const ended = exited.then(([code]) => {
    throw new Error(`the server ended with ${String(code)} before it was ready: ${said}`)
  })
  return Promise.race([printed, ended])
}
