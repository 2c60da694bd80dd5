import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type Endurance, recordedEndurances } from './endurance-report.ts';
import { reliabilityMarkdown, reliabilityPage } from './reliability-page.ts';

test('the page shows what was recorded', async () => {
  const page = await readFile(reliabilityPage, 'utf8');
  expect(page, 'docs/reliability.md is out of date: run `node scripts/write-reliability.ts`').toBe(
    reliabilityMarkdown(await recordedEndurances()),
  );
});

test('what was left stands out, and so does a run that failed', () => {
  const endurance: Endurance = {
    schemaVersion: 1,
    padlock: '0.2.0',
    startedAt: '2026-11-28T07:00:00.000Z',
    machine: { cpus: 2, memoryBytes: 2 ** 33, os: 'Linux' },
    ...{ seed: 1, busyLoops: 2, remark: null },
    kills: [
      {
        ...{ afterMs: 1_000, victim: 'etcd', during: '', exitCode: 3, outcome: 'named', endedMs: 1, downMs: 2_000 },
        said: "The cell 'run-0a1b2c' failed: etcd was killed (SIGKILL).",
        left: ['process containerd (7)'],
      },
    ],
    runs: [{ exitCode: 1, durationMs: 60_000, phases: { issue: 20_000 }, failed: ['http01-ingress'], left: [] }],
  };
  const page = reliabilityMarkdown([endurance]);
  expect(page).toContain('with 2 busy loops beside');
  expect(page).toContain('0 of the 1 kills nothing was left');
  expect(page).toContain("| The cell 'run-ID' failed: etcd was killed (SIGKILL). | **process containerd (7)** |");
  expect(page).toContain('0 passed; what failed: http01-ingress');
  expect(page).toContain('| issue | 20.0 s | 20.0 s | 20.0 s | 20.0 s |');
});
