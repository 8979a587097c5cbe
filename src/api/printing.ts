// What the Table form of several kinds shares: how the server writes durations, labels and selectors into cells.
import type { LabelSelector } from '#apimachinery/meta/v1/types'
import type { KubeObject } from '#apimachinery/object'
import type { Column } from '#apimachinery/resource'

/** `5m`, `3h12m`, `2d`: never more than two units. `milliseconds` may be slightly negative where clocks differ. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`
  if (days < 730) return `${days}d`
  const years = Math.floor(days / 365)
  if (days < 2920 && days % 365 !== 0) return `${years}y${days % 365}d`
  return `${years}y`
}

/** How long ago a timestamp was. */
export function since(timestamp: string | undefined | null, now: number): string {
  return timestamp ? humanDuration(now - Date.parse(timestamp)) : '<unknown>'
}

export function column<T extends KubeObject>(name: string, value: Column<T>['value']): Column<T> {
  return { name, type: 'string', value }
}
export function integer<T extends KubeObject>(name: string, value: (object: T) => number | undefined): Column<T> {
  return { name, type: 'integer', value: (object) => value(object) ?? 0 }
}
/** Shown with `-o wide` only. */
export function wide<T extends KubeObject>(name: string, value: Column<T>['value']): Column<T> {
  return { name, type: 'string', priority: 1, value }
}

export const nameColumn: Column<KubeObject> = { name: 'Name', type: 'string', format: 'name', value: (object) => object.metadata.name }
export const ageColumn: Column<KubeObject> = { name: 'Age', type: 'string', value: (object, now) => since(object.metadata.creationTimestamp, now) }
/** For kinds without columns of their own. */
export const plainColumns: readonly Column<KubeObject>[] = [
  nameColumn,
  { name: 'Created At', type: 'date', value: (object) => object.metadata.creationTimestamp },
]

/** `a=1,b=2`, sorted; `<none>` when empty. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined | null): string {
  const text = Object.keys(labels ?? {}).toSorted().map((key) => `${key}=${labels![key]}`).join(',')
  return text === '' ? '<none>' : text
}

/** The text of a selector as clients send it: `app=a,tier in (x,y),!z`. Empty for a selector that takes everything. */
export function selectorText(selector: LabelSelector | undefined | null): string {
  if (!selector) return ''
  const parts: [key: string, text: string][] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`])
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const list = values.toSorted().join(',')
    if (operator === 'In') parts.push([key, `${key} in (${list})`])
    else if (operator === 'NotIn') parts.push([key, `${key} notin (${list})`])
    else parts.push([key, operator === 'Exists' ? key : `!${key}`])
  }
  return parts.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, text]) => text).join(',')
}

export function formatSelector(selector: LabelSelector | undefined | null): string {
  const text = selectorText(selector)
  return text === '' ? '<none>' : text
}

type Templated = readonly { name: string; image?: string }[] | null | undefined
const namesOf = (containers: Templated): string => (containers ?? []).map((c) => c.name).join(',')
const imagesOf = (containers: Templated): string => (containers ?? []).map((c) => c.image ?? '').join(',')

/** The wide columns of everything that carries a pod template. */
export function containerColumns<T extends KubeObject>(containers: (object: T) => Templated): Column<T>[] {
  return [wide('Containers', (object) => namesOf(containers(object))), wide('Images', (object) => imagesOf(containers(object)))]
}

/** `a,b,c + 2 more...` */
export function firstFew(items: readonly string[], max: number, total = items.length): string {
  const text = items.slice(0, max).join(',')
  return total > max ? `${text} + ${total - max} more...` : text
}
