import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFakeClock } from '#base/fake-clock'
import { silent } from '#component-base/log'
import { staticPodSource } from './static-pod-source'

const manifest = (name: string, image: string): string => `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec:\n  containers: [{ name: c, image: "${image}" }]\n`

test('files become pods of this node with defaults; a changed file is another pod, a bad one is told and left out', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'navarch-static-'))
  const told: string[] = []
  const log = { ...silent, error: (_message: string, fields?: Record<string, unknown>) => void told.push(String(fields?.['why'])) }
  const seen: string[] = []
  try {
    writeFileSync(join(directory, 'web.yaml'), manifest('web', 'web:1'))
    writeFileSync(join(directory, '.web.yaml.swp'), 'x')
    writeFileSync(join(directory, 'bad.yaml'), 'apiVersion: v1\nkind: Pod\nmetadata: { name: bad }\nspec: { containers: [] }\n')
    await using source = await staticPodSource(directory, 'n1', { clock: createFakeClock(), log })
    source.subscribe((pod, old) => void seen.push(pod ? `+${pod.metadata.name} ${pod.spec.containers[0]!.image}` : `-${old!.metadata.name} ${old!.spec.containers[0]!.image}`))
    expect(seen).toEqual(['+web-n1 web:1'])
    expect(told).toEqual(['spec.containers: Required value'])
    source.subscribe((pod) =>
      expect(pod).toMatchObject({
        metadata: { namespace: 'default', annotations: { 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.hash': pod!.metadata.uid } },
        spec: { nodeName: 'n1', restartPolicy: 'Always', terminationGracePeriodSeconds: 30, tolerations: [{ operator: 'Exists', effect: 'NoExecute' }], containers: [{ imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log' }] },
      }))[Symbol.dispose]()
    await source.read()
    expect(seen, 'nothing changed').toHaveLength(1)
    writeFileSync(join(directory, 'web.yaml'), manifest('web', 'web:2'))
    await source.read()
    rmSync(join(directory, 'web.yaml'))
    await source.read()
    expect(seen).toEqual(['+web-n1 web:1', '-web-n1 web:1', '+web-n1 web:2', '-web-n1 web:2'])
  } finally {
    rmSync(directory, { recursive: true })
  }
})
