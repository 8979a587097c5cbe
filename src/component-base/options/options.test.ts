import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration'
import { atLeast, oneOf, option, port, types } from './option'
import { describeFlags, readFlags, wholeOptions } from './whole'

const set = {
  securePort: option(types.int, 'secure-port', 6443, 'Where HTTPS is served.', port),
  requestTimeout: option(types.duration, 'request-timeout', 60_000, 'How long a request may take.', atLeast(1000)),
  plugins: option(types.strings, 'enable-admission-plugins', [], 'More plugins.'),
  gates: option(types.map, 'feature-gates', {}, 'What is on.'),
  anonymous: option(types.bool, 'anonymous-auth', true, 'Lets anonymous requests in.'),
  format: option(types.string, 'logging-format', 'text', 'How lines look.', oneOf('text', 'json')),
  nodePorts: option(types.portRange, 'service-node-port-range', { from: 30000, to: 32767 }, 'Node ports.'),
}

test('partial becomes whole', () => {
  expect(wholeOptions('kube-apiserver', set, { securePort: 0 })).toEqual({
    securePort: 0, requestTimeout: 60_000, plugins: [], gates: {}, anonymous: true, format: 'text', nodePorts: { from: 30000, to: 32767 },
  })
})

test('flags, files and code share one reading', () => {
  const { options, rest } = readFlags('kube-apiserver', set, [
    '--secure-port=7000', '--request_timeout', '1m30s', '--enable-admission-plugins=A,B', '--enable-admission-plugins', 'C', 'left',
    '--anonymous-auth=false', '--feature-gates=X=true', '--feature-gates=Y=false', '--service-node-port-range=1-2', '--', '--over',
  ])
  const expected = { securePort: 7000, requestTimeout: 90_000, plugins: ['A', 'B', 'C'], gates: { X: 'true', Y: 'false' }, anonymous: false, nodePorts: { from: 1, to: 2 } }
  expect(options).toEqual(expected)
  expect(rest).toEqual(['left', '--over'])
  expect(wholeOptions('kube-apiserver', set, options)).toEqual({ ...expected, format: 'text' })
})

describe('messages name option, value and remedy', () => {
  test('everything at once', () => {
    expect(() => wholeOptions('kube-apiserver', set, { securePort: 70000, format: 'xml', requestTimeout: 'soon' as never, securPort: 1 } as never)).toThrow(
      'kube-apiserver: unknown option securPort: did you mean securePort?; securePort (--secure-port): "70000" must be within 0-65535 (0: any free port); ' +
        'requestTimeout (--request-timeout): "soon" must be a duration such as 30s or 1m30s; format (--logging-format): "xml" must be one of text, json',
    )
  })
  test.each([
    [['--secure-prt=1'], 'unknown flag --secure-prt: did you mean --secure-port?'],
    [['--secure-port'], 'flag --secure-port needs a value (int)'],
    [['--anonymous-auth=maybe'], '--anonymous-auth: "maybe" must be true or false'],
  ])('%s', (argv, message) => expect(() => readFlags('x', set, argv)).toThrow(message))
})

test('help shows what holds unless said otherwise', () => {
  expect(describeFlags(set)).toContain('--request-timeout duration  How long a request may take. (default 1m0s)')
})

test.each([['1h0m0s', 3600_000], ['1m30s', 90_000], ['500ms', 500], ['1.5s', 1500], ['0s', 0]])('duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
  expect(formatDuration(ms)).toBe(text)
})
test.each(['', '5', 's', '5 s', '1d'])('%j is no duration', (text) => expect(parseDuration(text)).toBeUndefined())
