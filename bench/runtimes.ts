import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What runs the servers. */
export interface Runtime {
  key: 'node' | 'bun'
  /** `Node v24.1.0` */
  name: string
  path: string
}

/** This Node, and the Bun that is a development dependency where its platform has one. */
export function findRuntimes(): Runtime[] {
  const bun = fileURLToPath(new URL('../../node_modules/@oven/bun-linux-x64/bin/bun', import.meta.url))
  return [
    { key: 'node', name: `Node ${process.version}`, path: process.execPath },
    ...(existsSync(bun) ? [{ key: 'bun' as const, name: `Bun v${execFileSync(bun, ['--version'], { encoding: 'utf8' }).trim()}`, path: bun }] : []),
  ]
}

/** A file of the bundle: this one is in `dist/bench`. */
export const script = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
