import { ApiError } from '#apimachinery/api-error'
import type { Registry } from './registry'

/** How long a read waits for a revision that this server has not seen yet. */
const patience = 3000

/** `''` is 0. Throws 422 for what is no revision. */
export function parseRevision(text: string): number {
  if (text === '' || text === '0') return 0
  if (/^\d+$/.test(text)) return Number(text)
  throw new ApiError(400, 'BadRequest', `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
}

/** The original takes what a watch cannot start from, or a read cannot wait for, for its own mistake. */
export function parseWatchRevision(text: string): number {
  if (text === '' || /^\d+$/.test(text)) return Number(text)
  throw new ApiError(500, '', `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
}

/** Waits until the cache stands at the newest revision of the store, whoever wrote it. */
export async function untilNewest(registry: Registry): Promise<number> {
  const newest = await registry.store.current()
  if (registry.cache.through < newest && !(await registry.cache.seen(newest, registry.clock, patience))) throw tooLarge(newest, registry.cache.through)
  return registry.cache.through
}

/** Waits until the cache stands at least at a revision. */
export async function untilAtLeast(registry: Registry, revision: number): Promise<void> {
  if (registry.cache.through >= revision) return
  if (!(await registry.cache.seen(revision, registry.clock, patience))) throw tooLarge(revision, registry.cache.through)
}

const tooLarge = (asked: number, current: number): ApiError =>
  new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1,
  })
