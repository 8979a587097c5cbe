import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { navarchVersion } from './version'

test('the version is the one of package.json', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  expect(navarchVersion).toBe(version)
})
