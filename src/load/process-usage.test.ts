import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseProcessStat } from '../process-stat.ts';
import { readProcessUsage, usageBelow } from './process-usage.ts';

/** A line of /proc/PID/stat with a parent, ticks of CPU and pages of memory. */
function stat(pid: number, name: string, parent: number, ticks: number, pages: number): string {
  const zeros = Array.from({ length: 48 }, () => '0');
  // Numbered from 4, after the state: parent 4, utime 14, rss 24.
  zeros[0] = String(parent);
  zeros[10] = String(ticks);
  zeros[20] = String(pages);
  return `${pid} (${name}) S ${zeros.join(' ')}\n`;
}

test('a process is read, whatever it is called', () => {
  expect(parseProcessStat(stat(7, 'a) S 1 (b', 3, 250, 10))).toEqual({
    ...{ pid: 7, name: 'a) S 1 (b', parent: 3, cpuSeconds: 2.5, memoryBytes: 40_960 },
  });
});

test('anything else is no process', () => {
  expect(parseProcessStat('')).toBeNull();
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = parseProcessStat(text);
      expect(read === null || Number.isInteger(read.pid)).toBe(true);
    }),
  );
});

test('the usage is that of everything below a process, by part', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'padlock-load-'));
  const processes = [
    stat(1, 'init', 0, 0, 0),
    stat(10, 'MainThread', 1, 900, 900),
    stat(11, 'containerd-shim', 10, 10, 5),
    stat(12, 'envoy', 11, 100, 50),
    stat(13, 'pilot-agent', 11, 50, 10),
    stat(14, 'kube-apiserver', 10, 400, 100),
    stat(20, 'envoy', 1, 5, 5),
  ];
  try {
    for (const [index, text] of processes.entries()) {
      const pid = String([1, 10, 11, 12, 13, 14, 20][index]);
      await mkdir(join(folder, pid));
      await writeFile(join(folder, pid, 'stat'), text);
    }
    await mkdir(join(folder, '99'));
    const usage = await readProcessUsage(10, folder);
    expect(usage.toSorted((one, other) => one.part.localeCompare(other.part))).toEqual([
      { part: 'containerd', cpuSeconds: 0.1, memoryBytes: 5 * 4_096 },
      { part: 'gateway', cpuSeconds: 1.5, memoryBytes: 60 * 4_096 },
      { part: 'kube-apiserver', cpuSeconds: 4, memoryBytes: 100 * 4_096 },
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a process that is its own ancestor ends nothing', () => {
  const one = { pid: 5, name: 'x', parent: 4, cpuSeconds: 1, memoryBytes: 1 };
  expect(usageBelow([one], 9)).toEqual([]);
});
