import { test } from 'vitest'

/** Twins that are not told to pass, and what is missing for it: each is taken out when it is there. */
export const away: Readonly<Record<string, string>> = {
  '[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment': 'mutating admission policies are kept, and not obeyed yet',
  '[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment with annotations': 'mutating admission policies are kept, and not obeyed yet',
}

/** A twin that is skipped while `away` says what it lacks. */
export function unlessAway(title: string, body: () => Promise<void>): void {
  const why = away[title]
  test(title, async ({ skip }) => {
    if (why) skip(why)
    await body()
  })
}
