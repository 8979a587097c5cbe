import type { Tags } from './model'

type Mutable = { -readonly [K in keyof Tags]: Tags[K] }

const readers: Readonly<Record<string, (tags: Mutable, argument: string) => void>> = {
  proto(tags, argument) {
    if (!/^\d+(\.\d+)*$/.test(argument)) throw new Error(`@proto wants a number such as 2 or 2.1, not "${argument}"`)
    tags.proto = argument
  },
  required: plain('required'),
  always(tags, argument) {
    if (argument !== '' && argument !== 'null') throw new Error(`@always takes nothing or null, not "${argument}"`)
    tags.always = argument === 'null' ? 'null' : 'zero'
  },
  pointer: plain('pointer'),
  default(tags, argument) {
    try {
      tags.default = JSON.parse(argument)
    } catch (cause) {
      throw new Error(`@default wants a JSON value, not "${argument}"`, { cause })
    }
  },
  merge(tags, argument) {
    if (/\s/.test(argument)) throw new Error(`@merge takes one field name, not "${argument}"`)
    tags.merge = argument === '' ? true : argument
  },
  retainKeys: plain('retainKeys'),
  atomic: plain('atomic'),
  granular: plain('granular'),
}

function plain(name: 'required' | 'pointer' | 'retainKeys' | 'atomic' | 'granular') {
  return (tags: Mutable, argument: string): void => {
    if (argument !== '') throw new Error(`@${name} takes no argument, but has "${argument}"`)
    tags[name] = true
  }
}

/** Reads `@proto 2 @default "x y"` out of a comment. Prose before the first tag is allowed. Throws on a tag that is unknown, doubled or malformed. */
export function readTags(comment: string): Tags {
  const tags: Mutable = {}
  const text = comment.replaceAll(/^\s*\*+ ?/gm, ' ')
  const seen = new Set<string>()
  for (const [, name = '', argument = ''] of text.matchAll(/(?<!\S)@(\w+)((?:"(?:\\.|[^"\\])*"|[^"@])*)/g)) {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined
    if (!read) throw new Error(`@${name} is no tag that CONTRIBUTING.md knows`)
    if (seen.has(name)) throw new Error(`@${name} is said twice`)
    seen.add(name)
    read(tags, argument.trim())
  }
  return tags
}
