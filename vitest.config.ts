import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'main',
          include: ['test/**/*.test.ts'],
          exclude: ['test/dist/**', 'test/runtimes/**', 'test/bench/**'],
          setupFiles: 'test/support/law-of-counts.ts',
          // Nothing waits for real; this is for property tests on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'dist',
          include: ['test/dist/**/*.test.ts'],
          globalSetup: 'test/dist/support/build.ts',
          // TypeScript over the whole package, on a busy machine.
          testTimeout: 180_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      // The files where a line that no test reaches can lose a record: commit, recovery, paging.
      include: [
        'src/sync/*/*.ts',
        'src/sync/{sync,step,run-step,plan,replay}.ts',
        'src/paginators/*.ts',
        'src/store/chunked/*.ts',
        'src/store/key.ts',
        'adapters/memory.ts',
      ],
      // Files without a gap are left out.
      reporter: [['text', { skipFull: true }]],
      thresholds: { lines: 100, branches: 100 },
    },
  },
})
