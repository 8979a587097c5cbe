/** Without fields that are null, at any depth: in what is new they have nothing to remove. The value itself where there are none. */
export const withoutNulls = (value: unknown): unknown => (typeof value === 'object' && value !== null ? within(value, nullIsGone) : value)

/** Without maps that carry a `$patch` directive: in what is new there is nothing for them to act on. The value itself where there are none. */
export const withoutDirectives = (value: unknown): unknown => withDirective(value) ? undefined : typeof value === 'object' && value !== null ? within(value, withDirective) : value

const nullIsGone = (value: unknown, inList: boolean): boolean => value === null && !inList
const withDirective = (value: unknown): boolean => typeof value === 'object' && value !== null && '$patch' in value

function within(value: object, isGone: (value: unknown, inList: boolean) => boolean): unknown {
  if (Array.isArray(value)) return listWithin(value, isGone)
  const map = value as Record<string, unknown>
  let kept: Record<string, unknown> | undefined
  for (const key in map) {
    const before = map[key]
    const gone = isGone(before, false)
    const after = !gone && typeof before === 'object' && before !== null ? within(before, isGone) : before
    if (!gone && after === before) continue
    kept ??= { ...map }
    if (gone) delete kept[key]
    else kept[key] = after
  }
  return kept ?? value
}

function listWithin(items: readonly unknown[], isGone: (value: unknown, inList: boolean) => boolean): readonly unknown[] {
  let kept: unknown[] | undefined
  for (let i = 0; i < items.length; i++) {
    const before = items[i]
    const gone = isGone(before, true)
    const after = !gone && typeof before === 'object' && before !== null ? within(before, isGone) : before
    if (gone || after !== before) kept ??= items.slice(0, i)
    if (kept && !gone) kept.push(after)
  }
  return kept ?? items
}
