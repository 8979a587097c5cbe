import { expect, test } from 'vitest'
import { configmaps, podtemplates } from '#api/index'
import { isGone, type ObjectList } from '#client/index'
import { refusal, serve } from './cluster'

const served = serve()
const template = (namespace: string, i: number) => ({ metadata: { namespace, name: `t-${String(i).padStart(3, '0')}` }, template: { spec: { containers: [{ name: 'main', image: 'nginx' }] } } })
const names = ({ items }: ObjectList): string[] => items.map(({ metadata }) => metadata.name)
const count = 40

async function fill(): Promise<{ namespace: string; all: string[] }> {
  const namespace = await served.namespace()
  const made = await Promise.all(Array.from({ length: count }, (_, i) => served.client.create(podtemplates, template(namespace, i))))
  return { namespace, all: made.map(({ metadata }) => metadata.name).sort() }
}

test('[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls', async () => {
  const { client } = served
  const { namespace, all } = await fill()
  for (const limit of [1, 7, 39, 40, 100]) {
    const found: string[] = []
    let resourceVersion: string | undefined
    for (let token: string | undefined; ; ) {
      const page = await client.list(podtemplates, { namespace, limit, ...(token ? { continue: token } : {}) })
      resourceVersion ??= page.metadata.resourceVersion
      expect(page.metadata.resourceVersion).toBe(resourceVersion)
      found.push(...names(page))
      token = page.metadata.continue
      expect(page.metadata.remainingItemCount ?? 0).toBe(count - found.length)
      if (!token) break
      expect(page.items).toHaveLength(limit)
    }
    expect(found).toEqual(all)
  }
  expect(names(await client.list(podtemplates, { namespace, resourceVersion: '0' }))).toEqual(all)
})

test('[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow]', async () => {
  const { client, cluster } = served
  const { namespace, all } = await fill()
  const first = await client.list(podtemplates, { namespace, limit: 10 })
  expect(names(first)).toEqual(all.slice(0, 10))
  await client.delete(podtemplates, { namespace, name: all[39]! })
  // A store remembers so many bytes of what is over: somebody writes more than that.
  const data = { much: 'x'.repeat(900_000) }
  for (let i = 0; i < 40; i++) await cluster.client.apply(configmaps.make({ metadata: { namespace, name: 'much' }, data: { ...data, i: `${i}` } }))
  const error = await refusal(client.list(podtemplates, { namespace, limit: 10, continue: first.metadata.continue! }))
  expect(isGone(error)).toBe(true)
  const token = (error.status.metadata as { continue?: string }).continue
  expect(token).toBeTruthy()
  const next = await client.list(podtemplates, { namespace, limit: 10, continue: token! })
  expect(names(next)).toEqual(all.slice(10, 20))
  expect(next.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion)
  const rest = await client.list(podtemplates, { namespace, continue: next.metadata.continue! })
  expect(names(rest)).toEqual(all.slice(20, 39))
})
