import { test } from 'vitest'

/** Twins that are not told to pass, and what is missing for it: each is taken out when it is there. */
export const away: Readonly<Record<string, string>> = {}

/** Originals that are not among those that pass, though their twins do, and why. */
export const unproven: Readonly<Record<string, string>> = {}

/** A twin that is skipped while `away` says what it lacks. */
export function unlessAway(title: string, body: () => Promise<void>): void {
  const why = away[title]
  test(title, async ({ skip }) => {
    if (why) skip(why)
    await body()
  })
}
