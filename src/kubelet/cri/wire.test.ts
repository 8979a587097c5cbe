import { expect, test } from 'vitest'
import { methods } from './messages'
import { message } from './wire'

test('what is written is read back, and absent is told from zero', () => {
  const config = {
    metadata: { name: 'web', uid: 'u', namespace: 'default', attempt: 2 },
    labels: { a: 'b', c: '' },
    portMappings: [{ protocol: 'UDP' as const, containerPort: 53, hostPort: 5353 }],
    linux: { securityContext: { runAsUser: 0, supplementalGroups: [0, 5], namespaceOptions: { pid: 'container' as const } } },
  }
  const { request } = methods.runPodSandbox
  const back = request.decode(request.encode({ config, runtimeHandler: '' }))
  expect(back.config).toMatchObject(config)
  expect(back.config.linux?.securityContext?.runAsGroup).toBeUndefined()
})

test('times are milliseconds with a fraction, unknown fields are skipped', () => {
  const newer = message<{ at: number; more: string; last: boolean }>({ at: [1, 'nanos'], more: [7, 'string'], last: [9, 'bool'] })
  const older = message<{ at: number; last: boolean }>({ at: [1, 'nanos'], last: [9, 'bool'] })
  expect(older.decode(newer.encode({ at: 1_767_225_600_123.25, more: 'x', last: true }))).toEqual({ at: 1_767_225_600_123.25, last: true })
})

test('values are encoded as protobuf says', () => {
  const sample = message<{ id: string; n: number }>({ id: [1, 'string'], n: [2, 'int64'] })
  expect(Buffer.from(sample.encode({ id: 'ab', n: -1 })).toString('hex')).toBe('0a02616210ffffffffffffffffff01')
})

test('an enum value that does not exist is refused by name', () => {
  const sample = message<{ mode: string }>({ mode: [1, ['a', 'b']] })
  expect(() => sample.encode({ mode: 'c' })).toThrow('mode: "c" is none of a, b')
})
