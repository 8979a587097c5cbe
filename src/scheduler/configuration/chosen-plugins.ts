import type { AnyPlugin, Plugin } from '../framework/plugin'

/** The framework's extension points, and which functions of a plugin belong to each. */
const members = {
  queueSort: ['queueSort'], preEnqueue: ['preEnqueue'], preFilter: ['preFilter'], filter: ['filter'], postFilter: ['postFilter'],
  preScore: ['preScore'], score: ['score', 'normalize'], reserve: ['reserve'], permit: ['permit'], preBind: ['preBind'], bind: ['bind'], postBind: ['postBind'],
} as const satisfies Record<string, readonly (keyof Plugin)[]>

export type ExtensionPoint = keyof typeof members
export const extensionPoints = Object.keys(members) as readonly ExtensionPoint[]

export interface PluginSet {
  enabled?: readonly { name: string; weight?: number }[]
  /** `*`: all. */
  disabled?: readonly { name: string }[]
}
/** `multiPoint`: every extension point that a plugin has. */
export type PluginSets = Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>>

/** The first leaves something for the second, and cannot be left out alone: `*` leaves it in, its name is refused. */
const prepares: readonly (readonly [ExtensionPoint, ExtensionPoint])[] = [['preFilter', 'filter'], ['preScore', 'score']]

/** A profile's plugins: of all that there are those that it enables, without the steps that it disables. Throws with the name of what does not work. */
export function chosenPlugins(all: readonly AnyPlugin[], sets: PluginSets): readonly AnyPlugin[] {
  const known = new Map(all.map((plugin) => [plugin.name, plugin]))
  for (const [point, { enabled = [], disabled = [] }] of Object.entries(sets))
    for (const { name } of [...enabled, ...disabled])
      if (!known.has(name) && name !== '*') throw new Error(`plugins.${point}: plugin ${name} is not there; known are ${[...known.keys()].sort().join(', ')}`)

  const isIn = (list: readonly { name: string }[] | undefined, name: string): boolean => list?.some((one) => one.name === name || one.name === '*') === true
  const chosen = all.flatMap((plugin): AnyPlugin[] => {
    const { name } = plugin
    const everywhere = isIn(sets.multiPoint?.enabled, name) || !isIn(sets.multiPoint?.disabled, name)
    const mine = extensionPoints.filter((point) => members[point].some((member) => plugin[member]))
    const off = new Set(mine.filter((point) => !(sets[point]?.enabled?.some((one) => one.name === name) || (everywhere && !isIn(sets[point]?.disabled, name)))))
    if (off.size === mine.length) return []
    for (const [first, then] of prepares) {
      if (!off.has(first) || !mine.includes(then) || off.has(then)) continue
      if (sets[first]?.disabled?.some((one) => one.name === name)) throw new Error(`plugins.${first}: ${name} cannot do without it in ${then}: disable both`)
      off.delete(first)
    }
    const weight = sets.score?.enabled?.find((one) => one.name === name)?.weight || sets.multiPoint?.enabled?.find((one) => one.name === name)?.weight
    if (off.size === 0 && !weight) return [plugin]
    const without = Object.fromEntries([...off].flatMap((point) => members[point].map((member) => [member, undefined])))
    return [{ ...plugin, ...without, ...(weight ? { weight } : {}) }]
  })
  if (!chosen.some((plugin) => plugin.queueSort)) throw new Error('plugins.queueSort: a profile needs one plugin that orders the queue, such as PrioritySort')
  if (!chosen.some((plugin) => plugin.bind)) throw new Error('plugins.bind: a profile needs one plugin that binds, such as DefaultBinder')
  return chosen
}
