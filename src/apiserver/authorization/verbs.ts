/** Verbs that change nothing. */
export const readOnlyVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch'])
