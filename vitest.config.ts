import { defineConfig } from 'vitest/config'

const shared = { resolve: { conditions: ['source'] }, ssr: { resolve: { conditions: ['source'] } } }

export default defineConfig({
  ...shared,
  test: {
    projects: [
      { ...shared, test: { name: 'unit', include: ['src/**/*.test.ts', 'tools/**/*.test.ts'], exclude: ['**/*.root.test.ts'] } },
      { ...shared, test: { name: 'journey', include: ['test/**/*.test.ts'], exclude: ['**/*.root.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } },
      { ...shared, test: { name: 'root', include: ['{src,test}/**/*.root.test.ts'], testTimeout: 300_000, hookTimeout: 300_000, fileParallelism: false } },
    ],
  },
})
