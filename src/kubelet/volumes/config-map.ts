import { configMapFiles } from './object-payload'
import { payloadVolume } from './payload-volume'

export const configMap = payloadVolume('configMap', { memory: false }, async (source, context) => ({
  files: await configMapFiles(source.name ?? '', source.items, source.optional ?? false, source.defaultMode ?? 0o644, context),
}))
