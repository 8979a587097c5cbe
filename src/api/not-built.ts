/** What a kind still lacks of the original's own rules. This list only shrinks. */
export const notBuilt: readonly { kind: string; missing: readonly string[] }[] = [
]
