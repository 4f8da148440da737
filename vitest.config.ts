import { defineConfig } from 'vitest/config'

const everywhere = { testTimeout: 60_000, hookTimeout: 60_000, pool: 'forks' as const, maxWorkers: '100%' }

/** `unit` needs nothing but Node; `live` needs the outside tools that `npm test` brings. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: 'unit',
          include: ['*/src/**/*.test.ts'],
          exclude: ['**/*.live.test.ts', '**/node_modules/**'],
        },
      },
      {
        test: {
          ...everywhere,
          name: 'live',
          include: ['*/src/**/*.live.test.ts', 'e2e/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
        },
      },
    ],
  },
})
