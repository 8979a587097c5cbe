/** The words of whatever was thrown: for events, conditions and answers, which carry text only. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))
