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

let merged: ReadonlyMap<string, FunctionDeclaration> | undefined

/** All functions by name; libraries that give overloads to the same name share it. */
export function baseFunctions(): ReadonlyMap<string, FunctionDeclaration> {
  if (merged) return merged
  const functions = new Map<string, FunctionDeclaration>()
  for (const { name, overloads } of [standard, optionals, strings, regex, lists, quantities, net, urls, semvers, namedFormats, authorizers].flat()) {
    functions.set(name, { name, overloads: [...(functions.get(name)?.overloads ?? []), ...overloads] })
  }
  return (merged = functions)
}
