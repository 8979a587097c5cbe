// The second half of npm run generate: writes the OpenAPI documents, compressed, to dist/openapi, since no server may keep them in memory.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { noDescriptions } from '#apimachinery/openapi/definitions'
import { openApiDocument, type OpenApiDocument } from '#apimachinery/openapi/document'
import { rootDocuments } from '#apimachinery/openapi/root-documents'
import { shareParameters } from '#apimachinery/openapi/shared-parameters'
import { openApiV2 } from '#apimachinery/openapi/v2'
import { encodeOpenApiV2 } from '#apimachinery/openapi/v2-protobuf'
import { descriptionsFrom } from './descriptions'
import { everythingServed } from './served'

const root = process.cwd()
const target = `${root}/dist/openapi`
const models = `${root}/node_modules/@kubernetes/client-node/dist/gen/models`
const descriptions = existsSync(models) ? descriptionsFrom(models) : noDescriptions
if (descriptions === noDescriptions) console.warn(`${models} is not there: run npm install, or explain will have no texts`)

const { groupVersions, meta, groupOf } = await everythingServed(root)
mkdirSync(target, { recursive: true })

/** What the loader finds by: the path under /openapi/v3, and the hash that the index of the API shows. */
const index: Record<string, { file: string; hash: string }> = {}
const hashOf = (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('hex').toUpperCase()

function write(key: string, file: string, bytes: Uint8Array): void {
  const hash = hashOf(bytes)
  index[key] = { file, hash }
  if (known[key]?.hash === hash && existsSync(`${target}/${file}`)) return
  writeFileSync(`${target}/${file}`, gzipSync(bytes, { level: 9 }))
}

const indexFile = `${target}/index.json`
const known = existsSync(indexFile) ? (JSON.parse(readFileSync(indexFile, 'utf8')) as typeof index) : {}
const isStable = ({ version }: { version: string }): boolean => /^v\d+$/.test(version)
const documents: OpenApiDocument[] = []

/** What is off unless it is asked for is not in the v2 document: it lies beside it, for servers that have it on. */
function writeDocument(path: string, document: OpenApiDocument, stable: boolean): void {
  const file = `${path.replaceAll('/', '__')}.json.gz`
  write(path, file, Buffer.from(JSON.stringify(document)))
  if (stable) documents.push(document)
  else {
    const { definitions, paths } = openApiV2([document])
    write(`v2/${path}`, `v2__${file}`, Buffer.from(JSON.stringify({ definitions, paths })))
  }
}

for (const { group, version, served } of groupVersions) {
  const document = openApiDocument({ group, version, served, meta, descriptions, groupOf })
  writeDocument(group === '' ? `api/${version}` : `apis/${group}/${version}`, document, isStable({ version }))
}
const stableGroups = new Set(groupVersions.filter(isStable).map(({ group }) => `apis/${group}`))
const roots = rootDocuments([...new Set(groupVersions.map(({ group }) => group))], meta, descriptions)
for (const [path, document] of Object.entries(roots)) writeDocument(path, document, !path.startsWith('apis/') || stableGroups.has(path))
const whole = shareParameters(openApiV2(documents))
write('v2', 'v2.json.gz', Buffer.from(JSON.stringify(whole)))
write('v2.pb', 'v2.pb.gz', encodeOpenApiV2(whole))
const text = `${JSON.stringify(index, null, 2)}\n`
if (JSON.stringify(known) !== JSON.stringify(index)) writeFileSync(indexFile, text)
