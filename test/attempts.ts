import type { ApiError } from '#client/index'

/** The server decides from caches, which hear of changes at once but not in the same moment: attempts are repeated until they have. */
const most = 100

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Resolves with what the first attempt gives that is let through. */
export async function allowed<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === most) throw error
      await turn()
    }
  }
}

/** Resolves with the first refusal, or the first in these words. */
export async function denied(attempt: () => Promise<unknown>, words = ''): Promise<ApiError> {
  let last = 'it was let through'
  for (let tries = 1; tries <= most; tries++) {
    try {
      await attempt()
    } catch (error) {
      last = (error as Error).message
      if (last.includes(words)) return error as ApiError
    }
    await turn()
  }
  throw new Error(`was never refused${words && ` with "${words}"`}: ${last}`)
}
