/**
 * `npm run bench -- [--runs N] [--build] [--environments cell,kind] [--scenarios core]`: runs scenarios N times on fresh environments and prints
 * medians as JSON: build (only with --build, which sets the cache aside), up, each phase of the first scenario, the whole run, down, and peak
 * memory. Several environments alternate, so that they meet the same machine; their figures are also given as multiples of the first one's.
 * PADLOCK_<ENVIRONMENT>_OPTIONS has the options for one of them: PADLOCK_KIND_OPTIONS those that e2e/kind-rig prints.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { registeredProviders } from '../src/environment/registry/providers.ts';
import { type Report, reportSchema } from '../src/report/report.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    build: { type: 'boolean', default: false },
    environments: { type: 'string', default: 'cell' },
    scenarios: { type: 'string', default: 'http01-ingress' },
  },
});
const environments = values.environments.split(',');
const known = registeredProviders()
  .filter(({ commands }) => commands.includes('up'))
  .map(({ kind }) => kind);
for (const environment of environments) {
  if (!known.includes(environment))
    throw new Error(`Unknown environment '${environment}' in --environments. Known environments: ${known.join(', ')}.`);
}
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs must be a whole number of at least 1.');

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
  const runOn = async (environment: string, target: string): Promise<void> => {
    const options = (process.env[`PADLOCK_${environment.toUpperCase()}_OPTIONS`] ?? '').split(' ').filter(Boolean);
    const scenarios = values.scenarios.split(',');
    await padlock(['run', ...scenarios, '--environment', environment, ...options, '--report', target]);
  };
  const reports = new Map<string, Report[]>(environments.map((environment) => [environment, []]));
  // One warm-up run each: it fills the image store and the page cache.
  for (const environment of environments) await runOn(environment, join(folder, `warm-up-${environment}`));
  for (let run = 0; run < runs; run++) {
    for (const environment of environments) {
      const target = join(folder, `${environment}-${run}`);
      await runOn(environment, target);
      reports
        .get(environment)
        ?.push(reportSchema.parse(JSON.parse(await readFile(join(target, 'report.json'), 'utf8'))));
    }
  }
  const figuresOf = (environment: string) => {
    const own = reports.get(environment) ?? [];
    const of = (pick: (report: Report) => number | null) => spread(own.flatMap((report) => pick(report) ?? []));
    const phases = own[0]?.scenarios[0]?.phases.map(({ name }) => name) ?? [];
    return {
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
  };
  const [first = 'cell'] = environments;
  const base = figuresOf(first);
  const multiples = (environment: string) => {
    const own = figuresOf(environment);
    const names = ['upMs', 'runMs', 'downMs', 'peakMemoryBytes'] as const;
    return Object.fromEntries(
      names.map((name) => [
        name,
        own[name].median === null || base[name].median === null
          ? null
          : Math.round((own[name].median / base[name].median) * 100) / 100,
      ]),
    );
  };
  const figures = {
    machine: {
      cpu: cpus()[0]?.model,
      cpus: cpus().length,
      memoryBytes: totalmem(),
      kernel: release(),
      node: process.versions.node,
    },
    buildMs,
    scenarios: values.scenarios,
    environments: Object.fromEntries(environments.map((environment) => [environment, figuresOf(environment)])),
    ...(environments.length > 1
      ? { timesTheFirst: Object.fromEntries(environments.slice(1).map((name) => [name, multiples(name)])) }
      : {}),
  };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
