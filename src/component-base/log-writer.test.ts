import { expect, test } from 'vitest'
import { createLog } from './log-writer'
import type { LogOptions } from './log-writer'

function capture(options: LogOptions = {}) {
  const lines: string[] = []
  return { lines, log: createLog({ now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) }, { ...options, write: (line) => lines.push(line) }) }
}

test('text lines carry fields, those of with() first', () => {
  const { lines, log } = capture()
  log.with({ controller: 'replicaset' }).info('pod created', { pod: 'default/web', note: 'a b', count: 2 })
  expect(lines).toEqual(['03:04:05.006 INFO  pod created  controller=replicaset pod=default/web note="a b" count=2\n'])
})

test('json lines parse', () => {
  const { lines, log } = capture({ format: 'json', level: 'debug' })
  log.debug('x', { big: 1n, list: [1, { a: 'b' }] })
  expect(JSON.parse(lines[0]!)).toEqual({ time: '2026-01-02T03:04:05.006Z', level: 'debug', message: 'x', big: '1', list: [1, { a: 'b' }] })
})

test('lines below the level are not written', () => {
  const { lines, log } = capture({ level: 'warn' })
  log.info('no')
  log.debug('no')
  log.warn('yes')
  expect(lines).toHaveLength(1)
})

test('secrets never reach a line, by name or by form', () => {
  const { lines, log } = capture({ format: 'json' })
  log.error('refused', {
    token: 'abc-1', headers: { authorization: 'Basic eDp5' }, url: 'x Bearer abc-2', secretName: 'db', privateKey: 'abc-3',
    error: new Error('bad key -----BEGIN EC PRIVATE KEY----- abc'), jwt: 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJrOHMifQ.c2ln',
  })
  expect(lines[0]).not.toMatch(/abc-1|eDp5|abc-2|abc-3|BEGIN EC|c2ln/)
  expect(JSON.parse(lines[0]!)).toMatchObject({ token: '[redacted]', secretName: 'db' })
})
