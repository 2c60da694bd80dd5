import { defineConfig } from 'vitest/config';

const endToEnd = { testTimeout: 600_000, hookTimeout: 600_000, retry: 0, fileParallelism: false } as const;

/** Tests that start real servers. */
const servers = 'src/**/*.server.test.ts';

const unit = ['{src,suites,faults,scripts}/**/*.test.ts'];

/**
 * Unit tests that change nothing of their process. Their files share the modules of a worker, which takes a quarter of the CPU time.
 * All others, which mock modules or load the whole command line, have a worker of their own.
 */
const together = [
  'src/{attest,checks,configuration,diagnosis,faults,issuance,report,trace}/**/*.test.ts',
  'src/acme/{catalogue,deviations,expected,runner}/**/*.test.ts',
  'src/evidence/{*,recorders/*}.test.ts',
  '{faults,suites}/**/*.test.ts',
];

// Some start programs; the limit only says that one hangs, and machines may be busy.
const unitLimits = { testTimeout: 30_000, hookTimeout: 30_000 } as const;

export default defineConfig({
  test: {
    projects: [
      // `padlock test` runs the unit tests as the two projects after this one.
      { test: { name: 'unit', include: unit, exclude: [servers], ...unitLimits } },
      { test: { name: 'unit-together', include: together, exclude: [servers], isolate: false, ...unitLimits } },
      { test: { name: 'unit-apart', include: unit, exclude: [servers, ...together], ...unitLimits } },
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
      {
        test: {
          name: 'e2e',
          include: ['e2e/{*,external-istiod/*}.test.ts'],
          globalSetup: 'e2e/left-by-killed-tests.ts',
          ...endToEnd,
        },
      },
      // After the cells, as it brings up a container engine.
      { test: { name: 'kind', include: ['e2e/kind/*.test.ts'], globalSetup: 'e2e/kind/engine.ts', ...endToEnd } },
      // A whole machine with systemd and cgroup v2; last, as it takes both cores for minutes.
      { test: { name: 'uml', include: ['e2e/uml/*.test.ts'], globalSetup: 'e2e/uml/set-up.ts', ...endToEnd } },
      { test: { name: 'suites', include: ['suites/**/*.suite.ts'], globalSetup: 'suites/one-cell.ts', ...endToEnd } },
    ],
  },
});
