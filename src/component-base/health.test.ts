import { expect, test } from 'vitest'
import { checkHealth, whenDone } from './health'

const { signal } = new AbortController()
const fine = { name: 'ping', check() {} }
const broken = {
  name: 'etcd',
  check() {
    throw new Error('secret address')
  },
}

test('a failure is named, its reason is not', async () => {
  expect(await checkHealth('readyz', [fine, broken], signal)).toEqual({ ok: false, text: '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n' })
})

test('excluded checks do not count, unknown ones are said', async () => {
  expect(await checkHealth('livez', [fine, broken], signal, new Set(['etcd', 'x']))).toEqual({
    ok: true, text: '[+]ping ok\n[+]etcd excluded: ok\nwarn: some health checks cannot be excluded: no matches for "x"\nlivez check passed\n',
  })
})

test('whenDone waits for its promise', async () => {
  const { promise, resolve } = withResolvers()
  const check = whenDone('sync', promise)
  expect((await checkHealth('readyz', [check], signal)).ok).toBe(false)
  resolve()
  await promise
  expect((await checkHealth('readyz', [check], signal)).ok).toBe(true)
})

function withResolvers() {
  let resolve!: () => void
  const promise = new Promise<void>((r) => (resolve = r))
  return { promise, resolve }
}
