import { describe, expect, test } from 'vitest'
import type { Attributes } from '../authorization/authorizer'
import type { UserInfo } from './authenticator'
import { impersonatedUser, impersonator } from './impersonation'
import { withRepeatedHeaders } from './repeated-headers'

const root: UserInfo = { name: 'root', groups: [] }
const request = (user: UserInfo = root): Attributes => ({ isResource: true, verb: 'list', path: '', group: 'apps', version: 'v1', resource: 'deployments', subresource: '', namespace: 'd', name: '', user })

/** Allows questions that begin with one of the texts, and writes down all of them. */
function record(...allowed: string[]) {
  const asked: string[] = []
  const seen: Attributes[] = []
  const impersonate = impersonator({
    authorize(attributes) {
      const { verb, group, resource, subresource, namespace, name } = attributes
      const question = [verb, group, resource, subresource, namespace, name].filter((part) => part !== '').join(' ')
      asked.push(question)
      seen.push(attributes)
      return { verdict: allowed.some((start) => question.startsWith(start)) ? 'allow' : 'no-opinion', reason: '' }
    },
  })
  return { asked, seen, impersonate }
}

const everything = { 'impersonate-user': 'alice', 'impersonate-uid': 'u1', 'impersonate-group': ['dev', 'ops'], 'impersonate-extra-a%2fb': 'x' }
const alice = { name: 'alice', uid: 'u1', groups: ['dev', 'ops', 'system:authenticated'], extra: { 'a/b': ['x'] } }

describe('the way that there always was', () => {
  test('each part is asked for', async () => {
    const { asked, impersonate } = record('impersonate ')
    expect(await impersonate(impersonatedUser(everything)!, request())).toEqual({ user: alice, constraint: '' })
    expect(asked.slice(1)).toEqual(['impersonate users alice', 'impersonate authentication.k8s.io uids u1', 'impersonate groups dev', 'impersonate groups ops', 'impersonate authentication.k8s.io userextras a/b x'])
    // What worked is tried first from then on.
    asked.length = 0
    await impersonate({ name: 'bob', groups: [] }, request())
    expect(asked).toEqual(['impersonate users bob'])
  })

  test('service accounts bring their groups, anonymous its own, nodes none', async () => {
    const { impersonate } = record('impersonate ')
    const groupsOf = async (name: string) => (await impersonate({ name, groups: [] }, request())).user.groups
    expect(await groupsOf('system:serviceaccount:ns:bot')).toEqual(['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'])
    expect(await groupsOf('system:anonymous')).toEqual(['system:unauthenticated'])
    expect(await groupsOf('system:node:a')).toEqual(['system:authenticated'])
  })
})

test('without the gate there is that way alone', async () => {
  const asked: string[] = []
  const impersonate = impersonator({ authorize: ({ verb }) => (asked.push(verb), { verdict: 'no-opinion', reason: '' }) }, false)
  await expect(impersonate({ name: 'bob', groups: [] }, request())).rejects.toThrow('User "root" cannot impersonate resource "users" in API group "" at the cluster scope')
  expect(asked).toEqual(['impersonate'])
})

describe('constrained impersonation asks about the user and about what is done', () => {
  test('of a person', async () => {
    const { asked, impersonate } = record('impersonate:user-info', 'impersonate-on:user-info:list apps deployments')
    expect(await impersonate(impersonatedUser(everything)!, request())).toEqual({ user: alice, constraint: 'impersonate:user-info' })
    const own = 'impersonate:user-info authentication.k8s.io'
    expect(asked).toEqual(['impersonate-on:user-info:list apps deployments d', `${own} users alice`, `${own} uids u1`, `${own} groups dev`, `${own} groups ops`, `${own} userextras a/b x`])
    await expect(impersonate({ name: 'alice', groups: [] }, { ...request(), verb: 'delete' })).rejects.toThrow(
      'deployments.apps is forbidden: User "root" cannot impersonate-on:user-info:delete resource "deployments" in API group "apps" in the namespace "d"',
    )
  })

  test('many at once', async () => {
    const { asked, impersonate } = record('impersonate-on:user-info', 'impersonate:user-info authentication.k8s.io users', 'impersonate:user-info authentication.k8s.io groups *')
    await impersonate({ name: 'alice', groups: ['a', 'b', 'c', 'd'] }, request())
    expect(asked.at(-1)).toBe('impersonate:user-info authentication.k8s.io groups *')
  })

  test('what it never allows', async () => {
    const { impersonate } = record('impersonate-on:', 'impersonate:')
    const as = (more: object) => impersonate({ name: 'alice', groups: [], ...more }, request())
    await expect(as({ groups: ['system:masters'] })).rejects.toThrow('groups.authentication.k8s.io "system:masters" is forbidden: User "root" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed')
    await expect(as({ groups: [''] })).rejects.toThrow('impersonating the empty string group is not allowed')
    await expect(as({ extra: { plain: ['x'] } })).rejects.toThrow('impersonating an invalid key in extra is not allowed')
    await expect(as({ extra: { 'a.io/b': [''] } })).rejects.toThrow('impersonating the empty string value in extra is not allowed')
  })

  test('of a service account, of any node, and of one\'s own node', async () => {
    const bot = { name: 'system:serviceaccount:ns:bot', groups: [], extra: { 'authentication.kubernetes.io/node-name': ['a'], 'authentication.kubernetes.io/pod-name': ['p'] } }
    const account = record('impersonate-on:serviceaccount:list', 'impersonate:serviceaccount authentication.k8s.io serviceaccounts ns other')
    expect(await account.impersonate({ name: 'system:serviceaccount:ns:other', groups: [] }, request(bot))).toMatchObject({ constraint: 'impersonate:serviceaccount', user: { groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'] } })

    const any = record('impersonate-on:arbitrary-node:list', 'impersonate:arbitrary-node authentication.k8s.io nodes b')
    expect(await any.impersonate({ name: 'system:node:b', groups: [] }, request())).toEqual({ constraint: 'impersonate:arbitrary-node', user: { name: 'system:node:b', groups: ['system:nodes', 'system:authenticated'] } })

    const own = record('impersonate-on:associated-node:list', 'impersonate:associated-node authentication.k8s.io nodes *')
    expect(await own.impersonate({ name: 'system:node:a', groups: [] }, request(bot))).toMatchObject({ constraint: 'impersonate:associated-node', user: { name: 'system:node:a', groups: ['system:nodes', 'system:authenticated'] } })
    expect(own.seen[0]!.user.extra).toEqual({ 'authentication.kubernetes.io/associated-node-keys': ['authentication.kubernetes.io/node-name', 'authentication.kubernetes.io/pod-name'] })
    await expect(own.impersonate({ name: 'system:node:b', groups: [] }, request(bot))).rejects.toThrow('cannot impersonate-on:arbitrary-node:list')
    await expect(own.impersonate({ name: 'system:node:a', groups: ['more'] }, request(bot))).rejects.toThrow('cannot impersonate resource "users"')
  })
})

test('headers', () => {
  expect(impersonatedUser({ authorization: 'x' })).toBeUndefined()
  expect(() => impersonatedUser({ 'impersonate-group': 'dev' })).toThrow('requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"dev"}, Extra:map[string][]string(nil)} without impersonating a user name')
  const raw = ['Impersonate-User', 'alice', 'Impersonate-Group', 'a,b', 'Accept', 'x', 'impersonate-group', 'c']
  const headers = withRepeatedHeaders({ 'impersonate-user': 'alice', 'impersonate-group': 'a,b, c', 'accept': 'x' }, raw)
  expect(impersonatedUser(headers)).toEqual({ name: 'alice', groups: ['a,b', 'c'] })
})
