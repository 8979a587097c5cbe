import { booleanKind, listKind } from '../../schema/plan'
import type { Node } from '../../schema/plan'

/**
 * The parts of "one of these" as its message numbers them: `{ single = 1, list = 2 }` (JSONSchemaPropsOrArray, OrStringArray), or
 * `{ flag = 1, single = 2 }` (JSONSchemaPropsOrBool).
 */
export interface Choices {
  readonly flag: Node | undefined
  readonly single: Node
  readonly list: Node | undefined
}

const known = new WeakMap<Node, Choices>()

export function choicesOf(node: Node): Choices {
  let choices = known.get(node)
  if (!choices) {
    const flag = node.either.find(({ kind }) => kind === booleanKind)
    const list = node.either.find(({ kind }) => kind === listKind)
    const single = node.either.find((part) => part !== flag && part !== list)
    if (!single || (flag && list)) throw new TypeError('no protobuf form is known for this choice of types')
    known.set(node, (choices = { flag, list, single }))
  }
  return choices
}
