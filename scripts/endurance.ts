/**
 * `npm run endurance -- [--kills N] [--runs N] [--seed S] [--busy N] [--name NAME] [--remark TEXT]`: kills a random process of Padlock or of
 * its cell with SIGKILL at a random moment, N times; runs `core` N times. A seed repeats moments and choices. It writes
 * docs/reliability/NAME.json and docs/reliability.md, and ends with 1 if anything was left or a run did not pass. Its cells are in a state
 * folder of their own, so it can run beside others; alone it measures better.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };
import { reportSchema } from '../src/report/report.ts';
import { killedRun, killOnce } from './endurance-kill.ts';
import { type CoreRun, type Endurance, enduranceFolder, enduranceSchema, type Kill } from './endurance-report.ts';
import { writeReliability } from './reliability-page.ts';
import { seededRandom } from './seeded-random.ts';
import { WatchedCommand } from './watched-command.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    busy: { type: 'string', default: '0' },
    name: { type: 'string' },
    remark: { type: 'string' },
  },
});
const wholeNumber = (name: 'kills' | 'runs' | 'seed' | 'busy') => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} must be a whole number.`);
  return number;
};
const [kills, runs, seed, busyLoops] = [
  wholeNumber('kills'),
  wholeNumber('runs'),
  wholeNumber('seed'),
  wholeNumber('busy'),
];

const folder = await mkdtemp(join(tmpdir(), 'padlock-endurance-'));
process.env.XDG_STATE_HOME = join(folder, 'state');
const tell = (text: string) => process.stderr.write(`${new Date().toISOString()} ${text}\n`);

async function run(report: string, ...args: readonly string[]): Promise<CoreRun> {
  const command = new WatchedCommand(['run', ...args, '--report', report]);
  const { exitCode } = await command.ended;
  const durationMs = performance.now() - command.started;
  const read = await readFile(join(report, 'report.json'), 'utf8').then(JSON.parse, () => null);
  const { scenarios } = read === null ? { scenarios: [] } : reportSchema.parse(read);
  const failed = scenarios.flatMap(({ id, result, checks }) =>
    result === 'passed' ? [] : [id, ...checks.filter((one) => one.result === 'failed').map((one) => `${id} ${one.id}`)],
  );
  const phases = Object.fromEntries((scenarios[0]?.phases ?? []).map(({ name, durationMs: took }) => [name, took]));
  return { exitCode, durationMs, phases, failed, left: [...(await command.left())] };
}

/** What keeps cores busy beside the runs. */
const loops: ChildProcess[] = Array.from({ length: busyLoops }, () =>
  spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }),
);
const startedAt = new Date().toISOString();
const killed: Kill[] = [];
const ran: CoreRun[] = [];
const write = async (): Promise<Endurance> => {
  const report = enduranceSchema.parse({
    schemaVersion: 1,
    padlock: packageJson.version,
    startedAt,
    machine: { cpus: cpus().length, memoryBytes: totalmem(), os: `Linux ${release().split('-')[0]}` },
    ...{ seed, busyLoops, remark: values.remark ?? null, kills: killed, runs: ran },
  });
  await mkdir(enduranceFolder, { recursive: true });
  const name = values.name ?? startedAt.slice(0, 16).replace(':', '');
  await writeFile(join(enduranceFolder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  return report;
};
try {
  // A first run fills the image store and tells how long a run takes here.
  const first = await run(join(folder, 'first'), ...killedRun);
  if (first.exitCode !== 0) throw new Error(`a first run ended with ${first.exitCode}: ${first.failed.join(', ')}`);
  const random = seededRandom(seed);
  // The first run also fills caches: a later one that ends before its moment shows how long a run takes.
  let spanMs = first.durationMs;
  for (let index = 0; index < kills; index += 1) {
    const [when, which] = [random(), random()];
    const report = join(folder, `kill-${index}`);
    const kill = await killOnce({ report, when, which, spanMs });
    if (kill.victim === null) spanMs = Math.min(spanMs, kill.afterMs);
    killed.push(kill);
    const left = kill.left.length === 0 ? 'nothing left' : `LEFT: ${kill.left.join('; ')}`;
    tell(
      `kill ${index + 1}/${kills}: ${kill.victim ?? 'nothing'} after ${Math.round(kill.afterMs / 100) / 10} s: ${kill.outcome}, exit ${kill.exitCode}, ${left}${kill.said === null ? '' : ` (${kill.said})`}`,
    );
    await write();
    if (kill.outcome !== 'told') await rm(report, { recursive: true, force: true });
  }
  for (let index = 0; index < runs; index += 1) {
    const report = join(folder, `run-${index}`);
    const core = await run(report, 'core');
    ran.push(core);
    const state = core.failed.length === 0 && core.exitCode === 0 ? 'passed' : `FAILED: ${core.failed.join(', ')}`;
    tell(`run ${index + 1}/${runs}: ${Math.round(core.durationMs / 100) / 10} s, exit ${core.exitCode}, ${state}`);
    await write();
    if (core.exitCode === 0) await rm(report, { recursive: true, force: true });
  }
} finally {
  for (const loop of loops) loop.kill('SIGKILL');
  const report = await write();
  await writeReliability();
  const isClean = report.kills.every(({ left }) => left.length === 0) && report.runs.every((one) => one.exitCode === 0);
  process.exitCode = isClean && report.runs.every(({ left }) => left.length === 0) ? 0 : 1;
  if (process.exitCode === 0) await rm(folder, { recursive: true, force: true });
  else tell(`the reports of what did not pass are kept in ${folder}`);
}
