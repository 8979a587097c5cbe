import { defineConfig } from 'vitest/config'

const resolve = { conditions: ['source'] }
const shared = { resolve, ssr: { resolve } }

/** Tests that need root are a project of their own, and say why they did not run. */
const root = process.getuid?.() === 0
if (!root) console.warn('project "root" is skipped: its tests mount, make network namespaces and run containers, so they need root (sudo npm test)')

const slow = { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }

export default defineConfig({
  ...shared,
  test: {
    projects: [
      { ...shared, test: { name: 'unit', include: ['src/**/*.test.ts', 'tools/**/*.test.ts'], exclude: ['**/*.root.test.ts'] } },
      { ...shared, test: { name: 'journey', include: ['test/**/*.test.ts'], exclude: ['**/*.root.test.ts'], ...slow } },
      ...(root ? [{ ...shared, test: { name: 'root', include: ['{src,test}/**/*.root.test.ts'], ...slow } }] : []),
    ],
  },
})
