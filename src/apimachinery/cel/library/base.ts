import { authorizers } from './authorizer'
import { namedFormats } from './formats'
import { lists } from './lists'
import { net } from './net'
import { optionals } from './optionals'
import type { FunctionDeclaration } from './overload'
import { quantities } from './quantity'
import { regex } from './regex'
import { semvers } from './semver'
import { standard } from './standard'
import { strings } from './strings'
import { urls } from './url'

const libraries = [standard, optionals, strings, regex, lists, quantities, net, urls, semvers, namedFormats, authorizers].flat()
let base: ReadonlyMap<string, FunctionDeclaration> | undefined

/** The functions of all of Kubernetes' expressions, by name. */
export const baseFunctions = (): ReadonlyMap<string, FunctionDeclaration> => (base ??= merged([]))

/** With more functions. Libraries that give overloads to the same name share it. */
export function merged(more: readonly FunctionDeclaration[]): ReadonlyMap<string, FunctionDeclaration> {
  const functions = new Map<string, FunctionDeclaration>()
  for (const { name, overloads } of [...libraries, ...more]) functions.set(name, { name, overloads: [...(functions.get(name)?.overloads ?? []), ...overloads] })
  return functions
}
