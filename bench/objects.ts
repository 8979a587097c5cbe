export const podsPath = '/api/v1/namespaces/load/pods'

/** The pods of the load: about 3 kB as they are sent, 6 kB as they are stored. */
export function newPod(name: string, index: number): Record<string, unknown> {
  const pad = 'abcdefghij'.repeat(20)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'load',
      labels: { app: `app-${index % 100}`, tier: 'backend', idx: String(index) },
      annotations: { note: pad },
    },
    spec: {
      automountServiceAccountToken: false,
      schedulerName: 'none',
      containers: ['one', 'two'].map((container) => ({
        name: container,
        image: 'registry.example/app:1.2.3',
        env: Array.from({ length: 8 }, (_, k) => ({ name: `VAR_${k}`, value: pad.slice(0, 60) })),
        ports: [{ name: 'http', containerPort: 8080 }],
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
        readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 5 },
      })),
      tolerations: [{ key: 'k', operator: 'Exists' }],
    },
  }
}

/** As large as what an API server stores of it: defaults, status and managed fields come to as much again. */
export function storedPod(name: string, index: number): Record<string, unknown> {
  return { ...newPod(name, index), status: { phase: 'Pending', pad: 'x'.repeat(3300) } }
}
