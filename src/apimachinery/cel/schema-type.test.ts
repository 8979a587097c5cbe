import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../schema/json-schema'
import { createEnvironment } from './environment'
import { maxCardinality, schemaType } from './schema-type'
import { shown, unbounded } from './shown'

const schema: JsonSchema = {
  type: 'object', required: ['name'],
  properties: {
    name: { type: 'string', maxLength: 20 },
    free: { type: 'string' },
    enum: { type: 'string', enum: ['a', 'bbbb'] },
    n: { type: 'integer' },
    d: { type: 'number' },
    b: { type: 'boolean' },
    ios: { 'x-kubernetes-int-or-string': true },
    ios2: { 'x-kubernetes-int-or-string': true, maxLength: 5 },
    ts: { type: 'string', format: 'date-time' },
    date: { type: 'string', format: 'date' },
    dur: { type: 'string', format: 'duration' },
    bytes: { type: 'string', format: 'byte' },
    list: { type: 'array', items: { type: 'string', maxLength: 10 }, maxItems: 5 },
    'free-list': { type: 'array', items: { type: 'string' } },
    ints: { type: 'array', items: { type: 'integer' }, maxItems: 10 },
    doubles: { type: 'array', items: { type: 'number' } },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    maplist: { type: 'array', maxItems: 3, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'integer' } } } },
    labels: { type: 'object', additionalProperties: { type: 'string', maxLength: 8 }, maxProperties: 4 },
    freemap: { type: 'object', additionalProperties: { type: 'object', properties: { x: { type: 'integer' } } } },
    namespace: { type: 'string' },
    'a.b/c-d__e': { type: 'integer' },
    if: { type: 'string' },
    emb: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    nested: { type: 'object', properties: { deep: { type: 'object', properties: { x: { type: 'string' }, l: { type: 'array', items: { type: 'array', items: { type: 'string' } } } } } } },
    nul: { type: 'string', nullable: true },
    times: { type: 'array', items: { type: 'string', format: 'date-time' } },
  },
}
const self = Object.freeze({
  name: 'abc', free: 'xyz', enum: 'a', n: 5, d: 1, b: true, ios: 5, ios2: '50%', ts: '2020-01-01T00:00:00Z', date: '2020-01-02',
  dur: '1h30m', bytes: 'YWJj', list: ['a', 'b'], 'free-list': ['x'], ints: [3, 1, 2], doubles: [1, 2.5], set: ['a', 'b'],
  maplist: [{ k: 'a', v: 1 }, { k: 'b', v: 2 }], labels: { l: 'v' }, freemap: { q: { x: 1 } }, namespace: 'ns', 'a.b/c-d__e': 7,
  if: 'i', emb: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { a: 'b' } }, spec: {} }, open: { z: 1 },
  nested: { deep: { x: 'y', l: [['a']] } }, nul: null, times: ['2020-01-01T00:00:00Z'], apiVersion: 'g/v1', kind: 'K',
  metadata: { name: 'nm', labels: { a: 'b' } },
})
const oldSelf = {
  ...self, n: 4, set: ['b', 'a'], maplist: [{ k: 'b', v: 2 }, { k: 'a', v: 1 }], ts: '2020-01-01T01:00:00+01:00',
}

/** What the original answers of a rule's self, what it costs there, and what it would cost at worst. */
const cases: readonly (readonly [expression: string, answer: string, cost: number, worst: number])[] = [
  ["self.name == 'abc'", 'true', 3, 3],
  ['self.name.size() < 5', 'true', 4, 4],
  ['self.free.size() < 5', 'true', 4, 4],
  ['self.free == self.name', 'false', 5, 12],
  ["self.name.startsWith('a')", 'true', 3, 3],
  ['self.free.contains(self.name)', 'false', 5, 2516588],
  ["self.free.matches('^[a-z]+$')", 'true', 4, 629148],
  ['self.name.matches(self.free)', 'false', 5, 7077892],
  ["self.enum == 'a'", 'true', 3, 3],
  ["self.enum in ['a', 'b']", 'true', 2, 14],
  ['self.n > 3 && self.d < 2.0', 'true', 6, 6],
  ['self.n == 5', 'true', 3, 2],
  ['self.d == 1.0', 'true', 3, 2],
  ['self.b', 'true', 2, 2],
  ['self.ios == 5', 'true', 3, 3],
  ["self.ios2 == '50%'", 'true', 3, 3],
  ["type(self.ios) == int ? self.ios < 10 : self.ios.startsWith('a')", 'true', 7, 7],
  ["self.ts < timestamp('2021-01-01T00:00:00Z')", 'true', 3, 4],
  ['self.ts == oldSelf.ts', 'true', 5, 8],
  ['self.date.getFullYear() == 2020', 'true', 4, 4],
  ["self.dur == duration('90m')", 'true', 3, 4],
  ["self.bytes == b'abc'", 'true', 3, 3],
  ['self.bytes.size()', '3', 3, 3],
  ['self.list.all(x, x.size() < 3)', 'true', 15, 33],
  ["self.list.exists(x, x == 'a')", 'true', 12, 33],
  ["self.list.map(x, x + 'z')", '["az","bz"]', 31, 103],
  ["self.list.filter(x, x.startsWith('a')).size() == 1", 'true', 22, 90],
  ['self.list.exists_one(x, x == self.name)', 'false', 12, 49],
  ["self.list + ['c']", '["a","b","c"]', 3, 13],
  ["self.list == ['a', 'b']", 'true', 3, 13],
  ["'a' in self.list", 'true', 4, 7],
  ['self.name in self.labels', 'false', 5, 5],
  ["self.labels['l']", '"v"', 3, 3],
  ['self.labels.l', '"v"', 3, 3],
  ["self.labels.all(k, k.size() < 5 && self.labels[k] == 'v')", 'true', 13, 47],
  ["self.labels.exists(k, v, v == 'v')", 'true', 9, 27],
  ["self.freemap['q'].x", '1', 4, 4],
  ['self.freemap.q.x', '1', 4, 4],
  ['self.freemap.all(k, self.freemap[k].x > 0)', 'true', 11, 3538938],
  ['self.free__dash__list[0]', '"x"', 3, 3],
  ['self.free__dash__list.map(x, x.size()).sum()', '1', 18, 15728638],
  ['self.ints.sum() == 6', 'true', 6, 13],
  ['self.ints.isSorted()', 'false', 5, 12],
  ['self.ints.max() > 2', 'true', 6, 13],
  ['self.ints.min()', '1', 5, 12],
  ['self.ints.indexOf(2)', '2', 5, 12],
  ['self.doubles.sum()', 'double(3.5)', 4, 1572865],
  ['self.doubles[0]', 'double(1)', 3, 3],
  ['self.doubles.exists(x, x == 1.0)', 'true', 12, 7864318],
  ['self.doubles == [1.0, 2.5]', 'true', 3, 13],
  ['self.set == oldSelf.set', 'true', 5, 104862],
  ["self.set == ['b', 'a']", 'true', 3, 13],
  ["['b','a'] == self.set", 'false', 3, 13],
  ["self.set + ['a', 'c']", '["a","b","c"]', 3, 13],
  ["(self.set + ['a','c']).size()", '3', 4, 14],
  ['self.maplist == oldSelf.maplist', 'true', 5, 5],
  ['(self.maplist + oldSelf.maplist).size()', '2', 6, 6],
  ['self.maplist.all(m, m.k.size() < 5 && m.v > 0)', 'true', 23, 33],
  ['self.maplist[0].k', '"a"', 4, 4],
  ['self.maplist.map(m, m.v).sum()', '3', 33, 58],
  ['self == oldSelf', 'false', 6, 2],
  ['self.nested == oldSelf.nested', 'true', 5, 4],
  ['self.namespace', '"ns"', 2, 2],
  ['self.__namespace__', '"ns"', 2, 2],
  ['self.a__dot__b__slash__c__dash__d__underscores__e', '7', 2, 2],
  ['self.__if__', '"i"', 2, 2],
  ['self.emb.metadata.name', '"p"', 4, 4],
  ['self.emb.kind', '"Pod"', 3, 3],
  ['has(self.open)', 'true', 1, 1],
  ['self.nested.deep.x', '"y"', 4, 4],
  ['has(self.nested.deep.x) && has(self.nested.deep.l)', 'true', 6, 6],
  ['self.nested.deep.l.all(a, a.all(b, b.size() > 0))', 'true', 16, 6597062426630],
  ['self.nested.deep.l[0][0]', '"a"', 6, 6],
  ["self.nested.?deep.?x.orValue('')", '"y"', 4, 5],
  ['has(self.nul)', 'false', 1, 1],
  ["self.times[0] < timestamp('2021-01-01T00:00:00Z')", 'true', 4, 5],
  ['self.times.all(t, t.getFullYear() == 2020)', 'true', 9, 857925],
  ['self.name.lowerAscii() == self.name.upperAscii()', 'false', 7, 28],
  ["self.name.replace('a', 'bb')", '"bbbc"', 3, 18],
  ["self.name.replace('', self.free)", '"xyzaxyzbxyzcxyz"', 5, 20],
  ["self.free.split(',')", '["xyz"]', 3, 629148],
  ["self.free.split(',', 2).size()", '1', 4, 629149],
  ["self.list.join(',')", '"a,b"', 3, 23],
  ['self.list.join()', '"ab"', 3, 22],
  ['self.free__dash__list.join(self.free)', '"x"', 5, 659705613522],
  ['self.name.substring(1)', '"bc"', 3, 10],
  ['self.free.trim()', '"xyz"', 3, 314575],
  ["self.free.find('[a-z]')", '"x"', 4, 629148],
  ["self.free.findAll('[a-z]').size()", '3', 5, 629149],
  ["'%s-%d'.format([self.name, self.n])", '"abc-5"', 15, 15],
  ['url(self.free).getHost()', 'error: URL parse error during conversion from string: parse "xyz": invalid URI for request', 4, 314576],
  ['isURL(self.free)', 'false', 3, 3],
  ['quantity(self.name)', "error: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", 3, 10],
  ['isQuantity(self.name)', 'false', 3, 10],
  ['ip(self.free)', 'error: IP Address "xyz" parse error during conversion from string: ParseAddr("xyz"): unable to parse IP', 3, 314575],
  ['isIP(self.name)', 'false', 3, 10],
  ['format.dns1123Label().validate(self.name)', 'optional.none', 11, 259],
  ['semver(self.name)', 'error: No Major.Minor.Patch elements found', 3, 10],
  ["sets.contains(self.list, ['a'])", 'true', 5, 18],
  ['sets.equivalent(self.set, self.list)', 'true', 13, 10485755],
  ['self.list.distinct()', '["a","b"]', 21, 63],
  ['self.list.sort()', '["a","b"]', 21, 66],
  ['self.ints.sortBy(x, -x)', '[3,2,1]', 76, 376],
  ['self.list.slice(0, 1)', '["a"]', 14, 14],
  ['self.list.reverse()', '["b","a"]', 15, 18],
  ['lists.range(self.n)', '[0,1,2,3,4]', 18, unbounded],
  ["self.list.first().orValue('')", '"a"', 3, 4],
  ['self.name + self.free', '"abcxyz"', 5, 314585],
  ['self.name < self.free', 'true', 5, 12],
  ['self.list.map(x, x + x + x).all(y, y.size() < 5)', 'true', 50, 219],
  ["self.list.map(x, {'a': x}).all(y, y['a'].size() < 5)", 'true', 104, 264],
  ['self.list.map(x, [x, x]).all(y, y.all(z, z.size() < 5))', 'true', 86, 159],
  ["self.name == 'a' || self.name == 'abc' || self.n > 3", 'true', 6, 9],
  ['self.name.size() > 1 ? self.free : self.name', '"xyz"', 5, 6],
  ["(self.n > 3 ? self.list : self.free__dash__list).all(x, x != '')", 'true', 13, 4194306],
  ["self.nested.?deep.optMap(d, d.x).orValue('')", '"y"', 11, 22],
  ['[self.name, self.free].all(x, x.size() > 0)', 'true', 27, 27],
  ["{'a': self.name}.a == 'abc'", 'true', 35, 33],
  ["{'a': self.list}['a'].all(x, x != '')", 'true', 43, 54],
  ["dyn(self.name) == 'abc'", 'true', 4, 4],
  ['string(self.n) + self.name', '"5abc"', 6, 1.8446744073709553e18],
  ['bytes(self.free).size()', '3', 4, 314576],
  ['string(self.bytes)', '"abc"', 3, 314575],
  ['strings.quote(self.name)', String.raw`"\"abc\""`, 3, 10],
  ['!self.b', 'false', 3, 3],
  ['-self.n', '-5', 3, 3],
  ['self.n + 1', '6', 3, 3],
  ['self.ios + 1', '6', 3, 3],
  ["self.freemap['zz'].x", 'error: no such key: zz', 3, 4],
  ['self.list[9]', 'error: index out of bounds: 9', 3, 3],
  ['oldSelf.n < self.n', 'true', 5, 5],
  ['self.list.exists(x, self.labels.exists(k, self.labels[k] == x))', 'false', 35, 298],
  ['self.free__dash__list.all(x, self.free__dash__list.all(y, x == y))', 'true', 15, 3.458815091312427e17],
  ['self.list.transformList(i, v, string(i) + v)', '["0a","1b"]', 35, 9.223372036854776e18],
  ["self.list.all(i, v, i < 5 && v != '')", 'true', 15, 33],
  ['self.ts.getHours() + self.dur.getMinutes()', '90', 7, 7],
  ['self.bytes == self.bytes', 'true', 5, 314577],
  ['self.labels == oldSelf.labels', 'true', 5, 5],
  ['self.freemap == oldSelf.freemap', 'true', 5, 39326],
  ['self.list != oldSelf.list', 'false', 5, 5],
  ['self.emb == oldSelf.emb', 'true', 5, 4],
  ['self.times == oldSelf.times', 'true', 5, 14303],
  ['self.nul.size()', 'error: no such key: nul', 3, 3],
  ['type(self) == map', 'true', 3, 3],
  ['type(self.list) == list', 'true', 4, 4],
  ["self.list in [['a','b']]", 'true', 3, 23],
  ['self.n in self.ints', 'false', 7, 14],
  ['5 in [self.n]', 'true', 13, 13],
  ['self.ints.all(x, x in [1, 2, 3])', 'true', 15, 173],
]

describe('values that a schema describes', () => {
  const type = schemaType(schema)!
  const environment = createEnvironment({ self: type, oldSelf: type }, { sizesOf: type })

  it.each(cases)('%s', (expression, answer, cost, worst) => {
    const program = environment.compile(expression)
    const budget = { left: 10_000_000 }
    const found = shown(() => program.evaluate({ self, oldSelf }, budget))
    expect({ answer: found, cost: 10_000_000 - budget.left, worst: program.worstCost }).toEqual({ answer, cost, worst })
  })

  it.each([
    ['self.missing', "undefined field 'missing'"],
    ['self.free__dash__list + self.ints', "found no matching overload for '_+_' applied to '(list(string), list(int))'"],
    ['self.nested.deep == 1', "found no matching overload for '_==_' applied to '(selfType.nested.deep, int)'"],
    ['self.emb.metadata.labels', "undefined field 'labels'"],
    ['self.open.z', "undefined field 'z'"],
  ])('refuses %s', (expression, fault) => {
    expect(() => environment.compile(expression)).toThrow(fault)
  })

  it('knows how often values can be in one request', () => {
    expect(maxCardinality({ type: 'string' })).toBe(1_048_576)
    expect(maxCardinality({ type: 'object', required: ['ab'], properties: { ab: { type: 'boolean' }, c: { type: 'string' } } })).toBe(241_979)
  })

  it('follows references of OpenAPI documents, though they refer to themselves', () => {
    const node: JsonSchema = { type: 'object', properties: { name: { type: 'string' }, next: { $ref: '#/Node' } } }
    const recursive = createEnvironment({ node: schemaType(node, { name: 'Node', resolve: () => node })! })
    expect(recursive.compile('node.next.next.name == "c"').evaluate({ node: { next: { next: { name: 'c' } } } }, { left: 100 })).toBe(true)
    expect(() => recursive.compile('node.next.nxt')).toThrow("undefined field 'nxt'")
  })

  it('sees all of the metadata that a document refers to', () => {
    const text: JsonSchema = { type: 'string' }
    const metadata: JsonSchema = { type: 'object', properties: { name: text, generateName: text, labels: { type: 'object', additionalProperties: text } } }
    const thing: JsonSchema = { type: 'object', properties: { apiVersion: text, kind: text, metadata: { allOf: [{ $ref: '#/ObjectMeta' }] } } }
    const environment = createEnvironment({ thing: schemaType(thing, { root: true, resolve: () => metadata })! })
    expect(environment.compile('thing.metadata.labels["a"]').evaluate({ thing: { metadata: { labels: { a: 'b' } } } }, { left: 100 })).toBe('b')
  })
})
