import { defineConfig } from 'vitest/config';

const endToEnd = { testTimeout: 600_000, hookTimeout: 600_000, retry: 0, fileParallelism: false } as const;

/** Tests that start real servers. */
const servers = 'src/**/*.server.test.ts';

export default defineConfig({
  test: {
    projects: [
      // Some start programs; the limit only says that one hangs, and machines may be busy.
      {
        test: {
          name: 'unit',
          include: ['{src,suites,faults,scripts}/**/*.test.ts'],
          exclude: [servers],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      // Starts the pinned Pebble, step-ca and Toxiproxy on loopback; builds what the cache lacks first.
      {
        test: {
          name: 'servers',
          include: [servers],
          globalSetup: 'src/test/server-programs.ts',
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      // Real cells: one file after the other, as each measures the machine before and after.
      { test: { name: 'e2e', include: ['e2e/*.test.ts'], globalSetup: 'e2e/left-by-killed-tests.ts', ...endToEnd } },
      // After the cells, as it brings up a container engine.
      { test: { name: 'kind', include: ['e2e/kind/*.test.ts'], globalSetup: 'e2e/kind/engine.ts', ...endToEnd } },
      // A whole machine with systemd and cgroup v2; last, as it takes both cores for minutes.
      { test: { name: 'uml', include: ['e2e/uml/*.test.ts'], globalSetup: 'e2e/uml/set-up.ts', ...endToEnd } },
      { test: { name: 'suites', include: ['suites/**/*.suite.ts'], globalSetup: 'suites/one-cell.ts', ...endToEnd } },
    ],
  },
});
