import type { Struct } from '../schema/schema'
import { Definitions } from './definitions'
import type { Descriptions, OpenApiSchema } from './definitions'
import { securitySchemes, sorted } from './document'
import type { OpenApiDocument } from './document'
import { groupText, objectTypes, tagOfGroup } from './paths'

/** Documents of what is no group and version: the lists of groups and versions, and what the server says of itself. By their path under /openapi/v3. */
export function rootDocuments(groups: readonly string[], meta: Readonly<Record<string, Struct>>, descriptions: Descriptions): Record<string, OpenApiDocument> {
  const text: OpenApiSchema = { type: 'string' }
  const documents: Record<string, OpenApiDocument> = {
    api: one('/api/', 'getCoreAPIVersions', 'core', 'get available API versions', meta['APIVersions']!),
    apis: one('/apis/', 'getAPIVersions', 'apis', 'get available API versions', meta['APIGroupList']!),
    version: one('/version/', 'getCodeVersion', 'version', 'get the version information for this server', version, ['application/json']),
    'openid/v1/jwks': one('/openid/v1/jwks/', 'getServiceAccountIssuerOpenIDKeyset', 'openid', 'get the keys of the service account issuer', text, ['application/jwk-set+json']),
    '.well-known/openid-configuration': one(
      '/.well-known/openid-configuration/', 'getServiceAccountIssuerOpenIDConfiguration', 'WellKnown', 'get the OpenID configuration of the service account issuer', text, ['application/json'],
    ),
  }
  for (const group of groups) {
    if (group === '') continue
    documents[`apis/${group}`] = one(`/apis/${group}/`, `get${groupText(group)}APIGroup`, tagOfGroup(group), 'get information of a group', meta['APIGroup']!)
  }
  return documents

  function one(path: string, operationId: string, tag: string, description: string, answer: Struct | OpenApiSchema, types: readonly string[] = objectTypes): OpenApiDocument {
    // Nothing here says of which kind it is: these are lists, and no objects that are stored.
    const definitions = new Definitions(descriptions, (_definition, struct) => (struct.name.startsWith('API') ? [{ group: '', kind: struct.name, version: 'v1' }].filter(() => struct.fields.has('kind')) : []))
    const schema = 'fields' in answer ? definitions.struct(answer) : answer === version ? definitions.given('io.k8s.apimachinery.pkg.version.Info', version) : (answer)
    const content = Object.fromEntries(types.map((type) => [type, { schema }]))
    return {
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: 'unversioned' },
      paths: { [path]: { get: { description, operationId, responses: { 200: { content, description: 'OK' }, 401: { description: 'Unauthorized' } }, tags: [tag] } } },
      components: { schemas: sorted(definitions.schemas), securitySchemes },
    }
  }
}

const always = ['major', 'minor', 'gitVersion', 'gitCommit', 'gitTreeState', 'buildDate', 'goVersion', 'compiler', 'platform']
const optional = ['emulationMajor', 'emulationMinor', 'minCompatibilityMajor', 'minCompatibilityMinor']
const version: OpenApiSchema = {
  description: 'The version of the server.',
  properties: sorted<OpenApiSchema>({
    ...Object.fromEntries(always.map((name): [string, OpenApiSchema] => [name, { default: '', type: 'string' }])),
    ...Object.fromEntries(optional.map((name): [string, OpenApiSchema] => [name, { type: 'string' }])),
  }),
  required: always,
  type: 'object',
}
