import { spawn } from 'node:child_process'

/** Hands commands to the kernel, all of them in one transaction. Throws with nft's own words when it refuses. */
export type Nft = (commands: string, signal: AbortSignal) => Promise<void>

export function nftCommand(program = 'nft'): Nft {
  return (commands, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'], signal })
      let words = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text))
      child.once('error', (error) => reject(new Error(`cannot run ${program}: ${error.message}. It comes with Debian's package nftables`, { cause: error })))
      child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`nft refused the rules: ${words.trim().split('\n').slice(0, 4).join(' ')}`))))
      // A refusal can close the pipe before everything is written; the exit code then tells.
      child.stdin.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error)))
      child.stdin.end(commands)
    })
}
