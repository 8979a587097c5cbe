import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { away, unproven } from './away'

const passing = new Set(readFileSync(resolve(import.meta.dirname, '../../ratchets/conformance.txt'), 'utf8').split('\n').filter((line) => line.startsWith('[')).map((line) => line.replace(' [Conformance]', '')))
const titles = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts')).flatMap((file) => [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/'(\[sig-[^'\n]+)'/g)].map(([, title]) => title!))

test('every twin has an original that passes, or it is said why not', () => {
  expect(titles.length).toBeGreaterThan(100)
  expect(titles.filter((title) => !passing.has(title) && !away[title] && !unproven[title])).toEqual([])
})

test('no title is there twice, and what is said to be away is', () => {
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([])
  for (const title of [...Object.keys(away), ...Object.keys(unproven)]) {
    expect(titles).toContain(title)
    expect(passing.has(title), `${title} passes: nothing need be said of it any more`).toBe(false)
  }
})
