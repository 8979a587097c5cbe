import type { FieldErrors } from '#apimachinery/field-errors'
import { defineResource, schemaIn } from '#apimachinery/resource'
import { ageColumn, column, nameColumn } from '../../printing'
import { immutable } from '../../strategies'
import { checkKey, decodedLength, keepImmutable, maxDataBytes } from './config-map'
import { keyPairWarnings } from './secret-key-pair'
import type { Secret } from './types'

export const secrets = defineResource<Secret>({
  group: '', version: 'v1', kind: 'Secret', resource: 'secrets', namespaced: true,
  versions: { 'v1': { schema: schemaIn(() => import('./types.gen'), 'Secret') } },

  defaults: encodeStringData,
  validate(secret, errors) {
    let size = 0
    for (const key in secret.data) {
      checkKey(errors, 'data', key)
      size += decodedLength(secret.data[key]!)
    }
    if (size > maxDataBytes) errors.at('data').tooLong(maxDataBytes)
    validateByType(secret, errors)
  },
  validateUpdate(secret, old, errors) {
    immutable(errors, 'type', secret.type, old.type)
    if (old.immutable) keepImmutable(secret, old, ['data'], errors)
  },

  warnings: ({ type, data = {} }) => (type === 'kubernetes.io/tls' ? keyPairWarnings(data) : []),

  columns: [
    nameColumn,
    column('Type', ({ type }) => type),
    column('Data', ({ data }) => Object.keys(data ?? {}).length),
    ageColumn,
  ],
  selectableFields: { type: ({ type }) => type },
})

/** `stringData` is for writing only: it lands in `data` before anything looks at the secret. */
function encodeStringData(secret: Secret): void {
  if (!secret.stringData) return
  const data = (secret.data ??= {})
  for (const key in secret.stringData) data[key] = toBase64(secret.stringData[key]!)
  delete secret.stringData
}

function toBase64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function validateByType({ type, data = {}, metadata }: Secret, errors: FieldErrors): void {
  const need = (key: string): void => {
    if (data[key] === undefined) errors.at('data').key(key).required()
  }
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.['kubernetes.io/service-account.name']) {
        errors.at('metadata', 'annotations').key('kubernetes.io/service-account.name').required()
      }
      break
    case 'kubernetes.io/dockercfg':
      validateJson('.dockercfg', data, errors)
      break
    case 'kubernetes.io/dockerconfigjson':
      validateJson('.dockerconfigjson', data, errors)
      break
    case 'kubernetes.io/basic-auth':
      if (data['username'] !== undefined || data['password'] !== undefined) break
      need('username')
      need('password')
      break
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.at('data').key('ssh-privatekey').required()
      break
    case 'kubernetes.io/tls':
      need('tls.crt')
      need('tls.key')
  }
}

/** The value itself must not show up in an answer, nor in a log of answers. */
function validateJson(key: string, data: Readonly<Record<string, string>>, errors: FieldErrors): void {
  const at = errors.at('data').key(key)
  if (data[key] === undefined) return at.required()
  const text = new TextDecoder().decode(Uint8Array.from(atob(data[key]), (character) => character.charCodeAt(0)))
  const wrong = (why: string): void => at.invalid('<secret contents redacted>', why)
  const start = text.trimStart()
  if (start === '') return wrong('unexpected end of JSON input')
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      wrong(`json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type map[string]interface {}`)
    }
  } catch {
    // The original looks at bytes.
    if (!/^[{["\-0-9tfn]/.test(start)) wrong(`invalid character '${atob(data[key]).trimStart()[0]}' looking for beginning of value`)
    else wrong('unexpected end of JSON input')
  }
}
