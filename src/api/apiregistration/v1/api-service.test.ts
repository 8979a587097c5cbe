import { expect, test } from 'vitest'
import { FieldErrors } from '#apimachinery/field-errors'
import { apiservices } from './api-service'
import type { APIService } from './types'

const made = (spec: object, name?: string): APIService => {
  const whole = { group: 'w.example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, ...spec }
  const object = { metadata: { name: name ?? `${whole.version}.${whole.group}` }, spec: whole } as unknown as APIService
  apiservices.defaults!(object)
  apiservices.prepareForCreate!(object, { now: '2026-01-01T00:00:00Z' } as never)
  return object
}
function problems(object: APIService): string[] {
  const errors = new FieldErrors()
  apiservices.validate!(object, errors, {} as never)
  return errors.all.map(({ field, message }) => `${field}: ${message}`)
}
const service = { namespace: 'a', name: 'b' }

test.each<[object, string[]]>([
  [{}, []],
  [{ service }, []],
  [{ group: '', service }, []],
  [{ group: '', version: 'v2' }, ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube']],
  [{ caBundle: 'eA==', insecureSkipTLSVerify: true }, ['spec.caBundle: Invalid value: "1 bytes": local APIServices may not have a caBundle', 'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify']],
  [{ service: { ...service, port: 0 } }, ['spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive']],
  [{ service, caBundle: 'eA==', insecureSkipTLSVerify: true }, ['spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present']],
  [{ groupPriorityMinimum: 0, versionPriority: 1001 }, ['spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000', 'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000']],
  [{ version: 'V1' }, [expect.stringContaining('spec.version: Invalid value: "V1": a DNS-1035 label')]],
])('%j', (spec, expected) => {
  expect(problems(made(spec))).toEqual(expected)
})

test('the name is the version and the group', () => {
  expect(problems(made({}, 'x'))).toEqual(['metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "v1.w.example.com"'])
})

test('what this server answers itself is available from the start', () => {
  expect(made({}).status.conditions).toMatchObject([{ type: 'Available', status: 'True', reason: 'Local' }])
  expect(made({ service }).status).toEqual({})
})
