import { MountError } from '../pod-host'
import { clean, configMapFiles, downwardFiles, secretFiles } from './object-payload'
import type { Files } from './object-payload'
import { payloadVolume } from './payload-volume'

/** Several sources in one directory; where two give the same path, the later one is seen. */
export const projected = payloadVolume('projected', { memory: true }, async (source, context) => {
  const files: Files = new Map()
  const mode = source.defaultMode ?? 0o644
  let again = Infinity
  const add = (more: Files): void => {
    for (const [path, file] of more) files.set(path, file)
  }
  for (const one of source.sources ?? []) {
    if (one.secret) add(await secretFiles(one.secret.name ?? '', one.secret.items, one.secret.optional ?? false, mode, context))
    else if (one.configMap) add(await configMapFiles(one.configMap.name ?? '', one.configMap.items, one.configMap.optional ?? false, mode, context))
    else if (one.downwardAPI) add(downwardFiles(one.downwardAPI.items, mode, context))
    else if (one.serviceAccountToken) {
      const { audience, expirationSeconds, path } = one.serviceAccountToken
      const { token, refreshAt } = await context.tokens.get(context.pod, audience || undefined, expirationSeconds ?? 3600)
      again = Math.min(again, Math.max(1000, refreshAt - Date.now()))
      // A process that does not run as root still has to read it: through the pod's group, or as the one user of all containers.
      files.set(clean(path), { data: Buffer.from(token), mode: tokenMode(context.pod.spec.securityContext?.fsGroup, mode) })
    } else throw new MountError(`projected volume source ${Object.keys(one)[0] ?? ''} is not supported by this kubelet`)
  }
  return { files, ...(again === Infinity ? {} : { againInMs: again }) }
})

function tokenMode(fsGroup: number | undefined, mode: number): number {
  return fsGroup === undefined ? mode : 0o600
}
