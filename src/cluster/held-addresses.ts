import { appendFile, readFile, rm } from 'node:fs/promises'
import { holdAddress } from '#cni/host'
import { absentIsNone } from './absent'
import type { StateDirectory } from './state-directory'

/** Addresses that this machine was given for a cluster, written down first: a process that is killed cannot take them away. */
export function heldAddresses(directory: StateDirectory): { hold(address: string): Promise<AsyncDisposable>; release(): Promise<void> } {
  const file = directory.at('addresses')
  return {
    async hold(address) {
      await appendFile(file, `${address}\n`)
      const held = await holdAddress(address)
      return {
        async [Symbol.asyncDispose]() {
          await held[Symbol.asyncDispose]()
          await rm(file, { force: true })
        },
      }
    },
    async release() {
      const addresses = new Set((await readFile(file, 'utf8').catch(absentIsNone)).toString().split('\n').filter(Boolean))
      for (const address of addresses) await (await holdAddress(address))[Symbol.asyncDispose]()
      await rm(file, { force: true })
    },
  }
}
