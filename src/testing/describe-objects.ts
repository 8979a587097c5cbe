import { stringify } from 'yaml'
import { type KubeObject, keyOf } from '#apimachinery/object'
import type { ResourceRef } from '#apimachinery/resource'
import { events } from '#api/core/v1/event'
import type { Client } from '#client/client'

/** Enough to see what is wrong, little enough to read in a test's output. */
const limit = { objects: 5, lines: 60, events: 8 }

/** Objects and what was reported about them, for the message of a test that waited in vain. */
export async function describeObjects(client: Client, resource: ResourceRef, objects: readonly KubeObject[]): Promise<string> {
  if (objects.length === 0) return `There is no such object.`
  const parts = await Promise.all(objects.slice(0, limit.objects).map(async (object) => `${keyOf(object)} as last seen:\n${stateOf(object)}${await eventsOf(client, resource, object)}`))
  const more = objects.length - limit.objects
  return `${parts.join('\n')}${more > 0 ? `\n... and ${more} more: ${objects.slice(limit.objects).map(keyOf).join(', ')}` : ''}`
}

function stateOf(object: KubeObject): string {
  const { metadata, status, spec } = object as KubeObject & { status?: unknown; spec?: unknown }
  const { resourceVersion, generation, deletionTimestamp, finalizers } = metadata
  const lines = stringify({ metadata: { resourceVersion, generation, deletionTimestamp, finalizers }, ...(status === undefined ? { spec } : { status }) }, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd().split('\n')
  const shown = lines.length > limit.lines ? [...lines.slice(0, limit.lines), `... ${lines.length - limit.lines} more lines`] : lines
  return shown.map((line) => `  ${line}`).join('\n')
}

async function eventsOf(client: Client, { kind }: ResourceRef, { metadata: { name, namespace = 'default' } }: KubeObject): Promise<string> {
  const { items } = await client.list(events, { namespace, fieldSelector: `involvedObject.kind=${kind},involvedObject.name=${name}` })
  if (items.length === 0) return ''
  return `\n  events:\n${items.slice(-limit.events).map(({ type, reason, message, count = 1 }) => `    ${type} ${reason}${count > 1 ? ` (${count} times)` : ''}: ${message}`).join('\n')}`
}
