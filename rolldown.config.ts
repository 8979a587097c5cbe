import { defineConfig } from 'rolldown'

/** Native parts stay in node_modules; everything else becomes one bundle with a chunk per lazily loaded verb. */
export default defineConfig({
  input: {
    cli: 'src/cli/main.ts',
    index: 'src/cluster/index.ts',
    testing: 'src/testing/index.ts',
    api: 'src/api/index.ts',
    client: 'src/client/index.ts',
    // Not published. Bundled, because what they measure runs on Node 20, which knows no TypeScript.
    'bench/main': 'bench/main.ts',
    'bench/floor': 'bench/floor.ts',
    'bench/micro': 'bench/micro.ts',
  },
  platform: 'node',
  external: ['lmdb', 'koffi', /\.node$/],
  resolve: { conditionNames: ['source', 'node', 'import', 'default'] },
  transform: { target: 'node20.19' },
  output: { dir: 'dist', format: 'esm', sourcemap: 'hidden', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js', minify: false },
})
