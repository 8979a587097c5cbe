import { secretFiles } from './object-payload'
import { payloadVolume } from './payload-volume'

export const secret = payloadVolume('secret', { memory: true }, async (source, context) => ({
  files: await secretFiles(source.secretName ?? '', source.items, source.optional ?? false, source.defaultMode ?? 0o644, context),
}))
