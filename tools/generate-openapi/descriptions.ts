import { existsSync, readFileSync } from 'node:fs'
import type { Descriptions } from '#apimachinery/openapi/definitions'

/** Of a class and of its fields, by a form of the name that survives how the models rename fields. */
interface Texts {
  readonly own: string | undefined
  readonly fields: ReadonlyMap<string, string>
}

/**
 * The published descriptions, read as text out of the model files of @kubernetes/client-node: importing it costs more than all the rest,
 * and its types are not ours.
 */
export function descriptionsFrom(models: string): Descriptions {
  const cache = new Map<string, Texts | undefined>()
  const textsOf = (definition: string): Texts | undefined => {
    if (!cache.has(definition)) {
      const file = classNames(definition).map((name) => `${models}/${name}.d.ts`).find((path) => existsSync(path))
      cache.set(definition, file === undefined ? undefined : readModel(readFileSync(file, 'utf8')))
    }
    return cache.get(definition)
  }
  return { of: (definition) => textsOf(definition)?.own, ofField: (definition, field) => textsOf(definition)?.fields.get(plain(field)) }
}

/** `io.k8s.api.core.v1.Event` is CoreV1Event, since another group has an Event too; most are just V1Pod. */
function classNames(definition: string): string[] {
  const [group = '', version = '', name = ''] = definition.split('.').slice(-3)
  const cased = `${version.charAt(0).toUpperCase()}${version.slice(1)}${name}`
  return [`${group.charAt(0).toUpperCase()}${group.slice(1)}${cased}`, cased]
}

const plain = (field: string): string => field.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()

function readModel(source: string): Texts {
  const fields = new Map<string, string>()
  for (const [, comment, name] of source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*'(\w+)'\??:/g)) fields.set(plain(name!), textOf(comment!))
  const own = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export declare class/.exec(source)?.[1]
  return { own: own === undefined ? undefined : textOf(own), fields }
}

function textOf(comment: string): string {
  const text = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '')).join('\n').trim()
  return text.replaceAll(/\\(['"])/g, '$1')
}
