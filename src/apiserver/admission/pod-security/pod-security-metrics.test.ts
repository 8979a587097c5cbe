import { expect, test } from 'vitest'
import { createMetrics } from '#component-base/metrics'
import type { AdmissionRequest } from '../plugin'
import { podSecurityMetrics } from './pod-security-metrics'

const about = (operation: string, resource: string, group = ''): AdmissionRequest => ({ operation, resource: { group, resource }, subresource: '' }) as unknown as AdmissionRequest

test('evaluations and exemptions are counted by what was asked, and made-up versions are one', async () => {
  const metrics = createMetrics()
  const counts = podSecurityMetrics(metrics)
  for (let i = 0; i < 2; i++) counts.evaluated('enforce', { level: 'privileged', minor: undefined }, true, about('CREATE', 'pods'))
  counts.evaluated('warn', { level: 'restricted', minor: 30 }, false, about('UPDATE', 'deployments', 'apps'))
  counts.evaluated('enforce', { level: 'baseline', minor: 98 }, false, about('CREATE', 'pods'))
  counts.evaluated('enforce', { level: 'baseline', minor: 99 }, false, about('CREATE', 'pods'))
  counts.exempt(about('CREATE', 'pods'))
  expect((await metrics.text()).body.split('\n').filter((line) => line.startsWith('pod_security'))).toEqual([
    'pod_security_evaluations_total{decision="allow",mode="enforce",ocp_namespace="",policy_level="privileged",policy_version="latest",request_operation="create",resource="pod",subresource=""} 2',
    'pod_security_evaluations_total{decision="deny",mode="warn",ocp_namespace="",policy_level="restricted",policy_version="v1.30",request_operation="update",resource="controller",subresource=""} 1',
    'pod_security_evaluations_total{decision="deny",mode="enforce",ocp_namespace="",policy_level="baseline",policy_version="future",request_operation="create",resource="pod",subresource=""} 2',
    'pod_security_exemptions_total{request_operation="create",resource="pod",subresource=""} 1',
  ])
})
