import { downwardFiles } from './object-payload'
import { payloadVolume } from './payload-volume'

export const downwardAPI = payloadVolume('downwardAPI', { memory: true }, async (source, context) => ({
  files: downwardFiles(source.items, source.defaultMode ?? 0o644, context),
}))
