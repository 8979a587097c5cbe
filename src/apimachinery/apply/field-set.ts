import { canonicalElement, compareElements, showElement, type Element } from './path-element'

/**
 * A set of paths, in the very form of FieldsV1: `{"f:spec":{".":{},"f:replicas":{}}}`. A path is in the set where it ends in
 * an empty node or in one that has `.`; nodes that hold nothing and are nothing do not occur below the root.
 */
export interface FieldSet {
  [element: Element]: FieldSet
}

const self = '.'

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false
  return true
}

/** Is a node below the root a path of the set by itself, and not only on the way to others? */
const isMember = (node: FieldSet): boolean => self in node || isEmpty(node)

export function has(set: FieldSet, path: readonly Element[]): boolean {
  let node: FieldSet | undefined = set
  for (const element of path) {
    node = node[element]
    if (!node) return false
  }
  return isMember(node)
}

export function setOf(...paths: readonly (readonly Element[])[]): FieldSet {
  const set: FieldSet = {}
  for (const path of paths) insert(set, path)
  return set
}

/** Adds one path. The empty path, which is the object itself, is no member of any set. */
export function insert(set: FieldSet, path: readonly Element[]): void {
  let node = set
  for (let i = 0; i < path.length; i++) {
    const next: FieldSet | undefined = node[path[i]!]
    if (next) {
      // An empty node is a member by being empty; it says so before it gets children.
      if (i < path.length - 1 && isEmpty(next)) next[self] = {}
      node = next
    } else {
      node = node[path[i]!] = {}
      if (i === path.length - 1) return
      for (let j = i + 1; j < path.length; j++) node = node[path[j]!] = {}
      return
    }
  }
  if (path.length > 0 && !isEmpty(node)) node[self] = {}
}

/** A node of children and membership; `undefined` when it would be neither. */
function nodeOf(children: FieldSet, member: boolean): FieldSet | undefined {
  if (isEmpty(children)) return member ? {} : undefined
  return member ? { [self]: {}, ...children } : children
}

/** Combines two sets child by child; `member` decides on single paths. A missing side counts as the empty set. */
function combine(a: FieldSet, b: FieldSet, member: (inA: boolean, inB: boolean) => boolean, lone: 'both' | 'left' | 'none'): FieldSet {
  const out: FieldSet = {}
  for (const element in a) {
    if (element === self) continue
    const left = a[element]!
    const right = b[element]
    if (!right) {
      if (lone !== 'none') out[element] = left
      continue
    }
    const node = nodeOf(combine(left, right, member, lone), member(isMember(left), isMember(right)))
    if (node) out[element] = node
  }
  if (lone !== 'both') return out
  for (const element in b) if (element !== self && !(element in a)) out[element] = b[element]!
  return out
}

/** The results of these share nodes with their arguments; sets are not changed once they were combined. */
export const union = (a: FieldSet, b: FieldSet): FieldSet => (isEmpty(b) ? a : isEmpty(a) ? b : combine(a, b, (x, y) => x || y, 'both'))
export const intersection = (a: FieldSet, b: FieldSet): FieldSet => combine(a, b, (x, y) => x && y, 'none')
/** Takes single paths away; what lies below them stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a
  let out: FieldSet | undefined
  for (const element in b) {
    const left = element === self ? undefined : a[element]
    if (!left) continue
    const right = b[element]!
    const inner = difference(left, right)
    const member = isMember(left) && !isMember(right)
    if (inner === left && member === isMember(left)) continue
    out ??= { ...a }
    const node = member ? (isBare(inner) ? {} : inner[self] ? inner : { [self]: {}, ...inner }) : withoutSelf(inner)
    if (node) out[element] = node
    else delete out[element]
  }
  return out ?? a
}

/** Nothing but perhaps the mark of membership. */
function isBare(node: FieldSet): boolean {
  for (const element in node) if (element !== self) return false
  return true
}

function withoutSelf(node: FieldSet): FieldSet | undefined {
  if (isBare(node)) return undefined
  if (!(self in node)) return node
  const { [self]: _, ...rest } = node
  return rest
}

/** Takes paths away with all that lies below them. */
export function without(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a
  const out: FieldSet = {}
  for (const element in a) {
    if (element === self) continue
    const right = b[element]
    if (!right) out[element] = a[element]!
    else if (!isMember(right)) {
      const node = nodeOf(without(a[element]!, right), isMember(a[element]!))
      if (node) out[element] = node
    }
  }
  return out
}

/** Keeps what lies on or below paths; `*` in a path stands for any element. */
export function onlyBelow(set: FieldSet, paths: readonly (readonly Element[])[]): FieldSet {
  const out: FieldSet = {}
  for (const element in set) {
    if (element === self) continue
    const fitting = paths.filter((path) => path[0] === '*' || path[0] === element)
    if (fitting.length === 0) continue
    const node = set[element]!
    if (fitting.some((path) => path.length === 1)) {
      out[element] = node
      continue
    }
    const kept = nodeOf(onlyBelow(node, fitting.map((path) => path.slice(1))), isMember(node))
    if (kept) out[element] = kept
  }
  return out
}

/** All paths in the original's order: those that end at a node before those that lead further. */
export function* pathsOf(set: FieldSet, prefix: readonly Element[] = []): Generator<readonly Element[]> {
  const elements = Object.keys(set).filter((element) => element !== self).sort(compareElements)
  for (const element of elements) if (isMember(set[element]!)) yield [...prefix, element]
  for (const element of elements) yield* pathsOf(set[element]!, [...prefix, element])
}

export const showPath = (path: readonly Element[]): string => path.map(showElement).join('')

/** Reads FieldsV1 that a client sent. Elements of a sort that is not known are dropped. Throws where it is not FieldsV1. */
export function readFieldSet(fields: unknown): FieldSet {
  const out: FieldSet = {}
  if (fields === null || fields === undefined) return out
  if (typeof fields !== 'object' || Array.isArray(fields)) throw new Error('expected a map of fields')
  for (const [key, child] of Object.entries(fields)) {
    if (key === self) {
      out[self] = {}
      continue
    }
    const element = canonicalElement(key)
    if (element !== undefined) out[element] = readFieldSet(child)
  }
  // What is only `.` is the same as what is empty.
  return Object.keys(out).length === 1 && self in out ? {} : out
}

export type { Element }
