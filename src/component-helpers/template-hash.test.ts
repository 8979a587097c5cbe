import { expect, test } from 'vitest'
import { revisionHash, safeEncode, templateHash } from './template-hash'

const template = { metadata: { labels: { a: 'b', c: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }

test('the same for the same template, whatever the order and what is undefined', () => {
  const other = { spec: { containers: [{ image: 'i', name: 'c', args: undefined }] }, metadata: { labels: { c: 'd', a: 'b' } } }
  expect(templateHash(other)).toBe(templateHash(template))
})

test('another one for another template or collision count', () => {
  const hashes = [templateHash(template), templateHash({ ...template, spec: { containers: [] } }), templateHash(template, 0), templateHash(template, 1)]
  expect(new Set(hashes).size).toBe(4)
})

test('in the alphabet of generated names', () => {
  expect(templateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/)
  expect(safeEncode('0123456789')).toBe('456789bcdf')
})

// What kube-controller-manager v1.36 answers for these.
test('the names that the original gives', () => {
  const web = {
    metadata: { labels: { app: 'web' } },
    spec: {
      containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '100m', memory: '1536Mi' } }, livenessProbe: { httpGet: { port: 'web' } } }],
      volumes: [{ name: 'e', emptyDir: {} }], terminationGracePeriodSeconds: 30,
    },
  }
  expect(templateHash(web)).toBe('7df9b87d4c')
  const spec = {
    containers: [{ image: 'nginx', imagePullPolicy: 'Always', name: 'c', resources: {}, terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' }],
    dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', schedulerName: 'default-scheduler', securityContext: {}, terminationGracePeriodSeconds: 30,
  }
  const metadata = { labels: { app: 'a' } }
  expect(templateHash({ metadata, spec })).toBe('75cc9948db')
  expect(revisionHash({ spec: { template: { $patch: 'replace', metadata, spec: { ...spec, schedulerName: 'none' } } } })).toBe('6d8bbb758b')
})
