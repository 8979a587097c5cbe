import type { Chain, Ruleset } from './ruleset'

/** nft commands that make the table anew, whatever was there. */
export function wholeTable(table: string, ruleset: Ruleset): string {
  const { family } = ruleset
  return [`table ${family} ${table}`, `delete table ${family} ${table}`, `table ${family} ${table} {}`, ...differences(table, empty(family), ruleset)].join('\n')
}

/** nft commands that bring the table from one ruleset to the next, applied by the kernel at once or not at all. */
export function changes(table: string, before: Ruleset, after: Ruleset): string {
  return differences(table, before, after).join('\n')
}

const empty = (family: Ruleset['family']): Ruleset => ({ family, chains: new Map(), maps: new Map(), sets: new Map() })

/**
 * The order matters to the kernel: what is referred to must exist. So: new sets, maps and chains; elements that go; rules;
 * elements that come; and what nobody refers to any more last.
 */
function differences(table: string, before: Ruleset, after: Ruleset): string[] {
  const at = `${after.family} ${table}`
  const declare: string[] = []
  const leave: string[] = []
  const rules: string[] = []
  const come: string[] = []
  const remove: string[] = []

  for (const [name, declaration] of after.sets) if (!before.sets.has(name)) declare.push(`add set ${at} ${name} { ${declaration} }`)
  for (const name of before.sets.keys()) if (!after.sets.has(name)) remove.push(`delete set ${at} ${name}`)
  for (const [name, chain] of after.chains) {
    const old = before.chains.get(name)
    if (!old) declare.push(`add chain ${at} ${name}${chain.hook ? ` { ${chain.hook} }` : ''}`)
    if (old && sameRules(old, chain)) continue
    if (old) rules.push(`flush chain ${at} ${name}`)
    for (const rule of chain.rules) rules.push(`add rule ${at} ${name} ${rule}`)
  }
  const gone = [...before.chains.keys()].filter((name) => !after.chains.has(name))
  // Chains may refer to each other: all are emptied before the first is deleted.
  remove.unshift(...gone.map((name) => `flush chain ${at} ${name}`), ...gone.map((name) => `delete chain ${at} ${name}`))

  for (const [name, { declaration, elements }] of after.maps) {
    const old = before.maps.get(name)
    if (!old) declare.push(`add map ${at} ${name} { ${declaration} }`)
    const leaving = [...(old?.elements ?? [])].filter(([key, verdict]) => elements.get(key) !== verdict)
    const coming = [...elements].filter(([key, verdict]) => old?.elements.get(key) !== verdict)
    if (leaving.length > 0) leave.push(`delete element ${at} ${name} { ${leaving.map(([key]) => key).join(', ')} }`)
    if (coming.length > 0) come.push(`add element ${at} ${name} { ${coming.map(([key, verdict]) => `${key} : ${verdict}`).join(', ')} }`)
  }
  return [...declare, ...leave, ...rules, ...come, ...remove]
}

const sameRules = (a: Chain, b: Chain): boolean => a.rules.length === b.rules.length && a.rules.every((rule, i) => rule === b.rules[i])
