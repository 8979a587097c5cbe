import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Kubeconfig } from '#client/kubeconfig'

/** A kubeconfig as a text, and as a file for programs; the file is made when it is first asked for. */
export interface Credentials {
  readonly kubeconfig: string
  readonly kubeconfigFile: string
}

/** Makes credentials; disposing removes their files. */
export function createCredentials(): { of(config: () => Kubeconfig): Credentials } & Disposable {
  let directory: string | undefined
  let files = 0
  return {
    of(config) {
      let text: string | undefined
      let file: string | undefined
      const credentials: Credentials = {
        get kubeconfig() {
          return (text ??= stringify(config(), { version: '1.1', lineWidth: 0 }))
        },
        get kubeconfigFile() {
          if (file) return file
          directory ??= mkdtempSync(join(tmpdir(), 'navarch-testing-'))
          file = join(directory, `kubeconfig-${files++}`)
          writeFileSync(file, credentials.kubeconfig, { mode: 0o600 })
          return file
        },
      }
      return credentials
    },
    [Symbol.dispose]() {
      if (directory) rmSync(directory, { recursive: true, force: true })
    },
  }
}
