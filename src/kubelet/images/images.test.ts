import { expect, test } from 'vitest'
import type { Secret } from '#api/core/v1/types'
import { credentialsFor } from './credentials'
import { canonicalImage, withDefaultTag } from './image-name'

test.each([
  ['busybox', 'busybox:latest', 'docker.io/library/busybox:latest'],
  ['me/app:1', 'me/app:1', 'docker.io/me/app:1'],
  ['localhost:5000/a/b', 'localhost:5000/a/b:latest', 'localhost:5000/a/b:latest'],
  [`x.io/y@sha256:${'0'.repeat(64)}`, `x.io/y@sha256:${'0'.repeat(64)}`, `x.io/y@sha256:${'0'.repeat(64)}`],
])('%s', (image, tagged, canonical) => {
  expect(withDefaultTag(image)).toBe(tagged)
  expect(canonicalImage(image)).toBe(canonical)
})

test('what is no image name is refused in the original\'s words', () => {
  expect(() => withDefaultTag('a b')).toThrow('couldn\'t parse image name "a b": invalid reference format')
})

const named = (name: string, data: object): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, type: 'kubernetes.io/dockerconfigjson', data }) as unknown as Secret
const secretOf = (auths: object): Secret => named('s', { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') })

test('credentials by registry and path, the most specific first', () => {
  const secret = secretOf({
    'https://index.docker.io/v1/': { auth: Buffer.from('hub:pw').toString('base64') }, 'r.io': { username: 'all', password: 'p' }, 'r.io/team': { username: 'team', password: 'p' }, '*.corp.io': { username: 'wild', password: 'p' },
  })
  const users = (image: string): (string | undefined)[] => credentialsFor(image, [secret], () => undefined).map(({ username }) => username)
  expect(users('nginx')).toEqual(['hub'])
  expect(users('r.io/team/app:1')).toEqual(['team', 'all'])
  expect(users('r.io/teamwork/app')).toEqual(['all'])
  expect(users('a.corp.io/x')).toEqual(['wild'])
  expect(users('a.b.corp.io/x')).toEqual([])
})

test('a secret that cannot be read is told of, without what it holds', () => {
  const told: string[] = []
  credentialsFor('x', [named('empty', { '.dockerconfigjson': 'e30' }), named('bad', {})], (name) => told.push(name))
  expect(told).toEqual(['bad'])
})
