import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openApiDocument } from '#apimachinery/openapi/document'
import { noDescriptions } from '#apimachinery/openapi/definitions'
import { descriptionsFrom } from './descriptions'
import { everythingServed } from './served'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

test('descriptions are read out of model files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'generate-openapi-'))
  folders.push(folder)
  const model = (name: string, own: string) => writeFileSync(join(folder, `${name}.d.ts`), `/**\n * Kubernetes\n */\n/**\n* ${own}\n*/\nexport declare class ${name} {\n    'plain': number;\n    /**\n    * It\\'s\n    * two lines.\n    */\n    'x_kubernetes_list_type'?: string;\n}\n`)
  model('V1Pod', 'A pod.')
  model('EventsV1Event', 'An event.')
  const texts = descriptionsFrom(folder)
  expect(texts.of('io.k8s.api.core.v1.Pod')).toBe('A pod.')
  expect(texts.of('io.k8s.api.events.v1.Event')).toBe('An event.')
  expect(texts.of('io.k8s.api.core.v1.Event')).toBeUndefined()
  expect(texts.ofField('io.k8s.api.core.v1.Pod', 'x-kubernetes-list-type')).toBe(`It's\ntwo lines.`)
  expect(texts.ofField('io.k8s.api.core.v1.Pod', 'plain')).toBeUndefined()
})

test('every built-in kind is in the document of its group and version, and every reference leads somewhere', async () => {
  const { groupVersions, meta, groupOf } = await everythingServed(process.cwd())
  expect(groupVersions.length).toBeGreaterThan(15)
  for (const { group, version, served } of groupVersions) {
    const document = openApiDocument({ group, version, served, meta, groupOf, descriptions: noDescriptions })
    const kinds = Object.values(document.components.schemas).flatMap((schema) => (schema['x-kubernetes-group-version-kind'] ?? []) as { group: string; version: string; kind: string }[])
    for (const { gvk } of served) expect(kinds).toContainEqual(gvk)
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(document.components.schemas[name!], name).toBeDefined()
  }
})
