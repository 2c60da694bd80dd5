/**
 * `npm run bench -- [--runs N] [--build]`: runs http01-ingress on a fresh cell N times and prints medians as JSON: build (only
 * with --build, which sets the cache aside), up, each phase of the issuance, down, and peak memory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Report, reportSchema } from '../src/report/index.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, build: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs must be a whole number from 1');

const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');

async function padlock(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`padlock ${args.join(' ')} ended with ${code}`);
}

function median(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)];
  const lower = sorted[Math.ceil(middle) - 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

function spread(numbers: readonly number[]) {
  return { median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers), runs: numbers.length };
}

const folder = await mkdtemp(join(tmpdir(), 'padlock-bench-'));
try {
  let buildMs: number | null = null;
  if (values.build) {
    const started = performance.now();
    await padlock(['build'], { PADLOCK_CACHE: join(folder, 'cache') });
    buildMs = Math.round(performance.now() - started);
  }
  // One that does not count: it fills the kept image store and the page cache.
  await padlock(['run', 'http01-ingress', '--report', join(folder, 'warm-up')]);
  const reports: Report[] = [];
  for (let run = 0; run < runs; run++) {
    const target = join(folder, String(run));
    await padlock(['run', 'http01-ingress', '--report', target]);
    reports.push(reportSchema.parse(JSON.parse(await readFile(join(target, 'report.json'), 'utf8'))));
  }
  const of = (pick: (report: Report) => number | null) => spread(reports.flatMap((report) => pick(report) ?? []));
  const phases = reports[0]?.scenarios[0]?.phases.map(({ name }) => name) ?? [];
  const figures = {
    machine: {
      cpu: cpus()[0]?.model,
      cpus: cpus().length,
      memoryBytes: totalmem(),
      kernel: release(),
      node: process.versions.node,
    },
    buildMs,
    upMs: of((report) => report.timings.upMs),
    phasesMs: Object.fromEntries(
      phases.map((name) => [
        name,
        of((report) => report.scenarios[0]?.phases.find((phase) => phase.name === name)?.durationMs ?? null),
      ]),
    ),
    runMs: of((report) => report.timings.runMs),
    downMs: of((report) => report.timings.downMs),
    peakMemoryBytes: of((report) => report.environment.peakMemoryBytes),
  };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
