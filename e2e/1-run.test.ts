import { execFileSync } from 'node:child_process';
import { appendFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { goodPathChecks } from '../src/checks/all-checks.ts';
import { type Report, reportSchema } from '../src/report/report.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock } from './padlock-command.ts';
import { lookAtPage } from './page-in-browser.ts';

const before = lookAtMachine();
const folder = folderOfTests();
beforeAll(async () => {
  const key = execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']);
  await writeFile(join(folder, 'key.pem'), key, { mode: 0o600 });
  await writeFile(join(folder, 'public.pem'), execFileSync('openssl', ['pkey', '-pubout'], { input: key }));
});

async function reportIn(name: string): Promise<Report> {
  return reportSchema.parse(JSON.parse(await readFile(join(folder, name, 'report.json'), 'utf8')));
}

describe('padlock run', () => {
  test('the suite core passes, every check of it, and leaves nothing', async () => {
    const { exitCode, stderr } = await padlock([
      ...['run', '--report', join(folder, 'core')],
      ...['--attest', join(folder, 'key.pem'), '--json-lines', join(folder, 'core.jsonl')],
    ]);
    expect(stderr).toContain('passed; report: ');
    expect(exitCode).toBe(0);
    const report = await reportIn('core');
    expect(report.result).toBe('passed');
    expect(report.scenarios.map(({ id, result }) => `${id} ${result}`)).toEqual([
      'http01-gateway-api passed',
      'http01-ingress passed',
      'missing-ingress-class passed',
    ]);
    expect(leftSince(before)).toEqual(nothing);
    const told = (await readFile(join(folder, 'core.jsonl'), 'utf8')).trimEnd().split('\n');
    const kinds = told.map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect([kinds.at(0), kinds.at(-1)]).toEqual(['run-started', 'run-ended']);
  });

  test('two runs at once pass, one without a browser and one of scenarios of the mesh with an example of own scenarios, and leave nothing', async () => {
    const example = join(import.meta.dirname, '..', 'examples', 'scenarios', 'shop-behind-the-gateway');
    const ended = await Promise.all([
      padlock(['run', 'http01-ingress', '--skip', 'browser', '--report', join(folder, 'skipped')]),
      padlock(['run', 'dns01-wildcard', 'redirect-keeps-challenge', example, '--report', join(folder, 'mesh')]),
    ]);
    for (const { exitCode, stderr } of ended) expect(exitCode, stderr).toBe(0);
    const skipped = await reportIn('skipped');
    expect(skipped.skippedOnRequest).toEqual(['browser']);
    expect(skipped.scenarios[0]?.checks.map(({ id, result }) => `${id} ${result}`)).toEqual(
      goodPathChecks.flatMap(({ id }) => (id === 'browser-shows-padlock' ? [] : `${id} passed`)),
    );
    // A redirect beside the challenge, and a wildcard that the gateway serves.
    const { scenarios } = await reportIn('mesh');
    expect(scenarios.map(({ id, result }) => `${id} ${result}`)).toEqual([
      'dns01-wildcard passed',
      'redirect-keeps-challenge passed',
      'shop-behind-the-gateway passed',
    ]);
    expect(scenarios.flatMap(({ checks }) => checks.filter(({ result }) => result !== 'passed'))).toEqual([]);
    const steps = scenarios[0]?.phases.map(({ name }) => name);
    for (const step of ['record-presented', 'propagation', 'dns-validation', 'record-removed'])
      expect(steps).toContain(step);
    expect(leftSince(before)).toEqual(nothing);
  });

  test('padlock judge gives the same verdicts on saved evidence', async () => {
    const { exitCode, stdout } = await padlock([
      'judge',
      '--json',
      join(folder, 'core', 'evidence', 'http01-ingress.json'),
    ]);
    expect(exitCode).toBe(0);
    const [judged] = JSON.parse(stdout) as { checks: { result: string }[] }[];
    expect(judged?.checks.map(({ result }) => result)).toEqual(goodPathChecks.map(() => 'passed'));
  });
});

describe('the reports of the suite core', () => {
  test.for([
    { width: 360, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
  ] as const)(
    'index.html at $width px, $colorScheme: no violation of accessibility, nothing from the network',
    async (how) => {
      expect(await lookAtPage(join(folder, 'core', 'index.html'), how)).toEqual({
        violations: [],
        overflowPx: 0,
        requests: [],
      });
    },
  );

  test('there is a screenshot of each scenario', async () => {
    const files = await readdir(join(folder, 'core', 'evidence'));
    expect(files.filter((name) => name.endsWith('.png'))).toHaveLength(3);
  });

  test('padlock report makes the same files again', async () => {
    const again = join(folder, 'again');
    await cp(join(folder, 'core'), again, { recursive: true });
    const names = ['index.html', 'junit.xml', 'summary.md'];
    await Promise.all(names.map((name) => rm(join(again, name))));
    const { exitCode, stderr } = await padlock(['report', again]);
    expect(exitCode, stderr).toBe(0);
    for (const name of names) {
      expect(await readFile(join(again, name), 'utf8'), name).toBe(await readFile(join(folder, 'core', name), 'utf8'));
    }
  });

  test('padlock verify: the signature, the digests and every verdict hold; after tampering they do not', async () => {
    const key = ['--key', join(folder, 'public.pem')];
    const good = await padlock(['verify', join(folder, 'core'), ...key]);
    expect(good.exitCode, good.stdout + good.stderr).toBe(0);
    const tampered = join(folder, 'tampered');
    await cp(join(folder, 'core'), tampered, { recursive: true });
    await appendFile(join(tampered, 'evidence', 'http01-ingress.json'), ' ');
    const bad = await padlock(['verify', tampered, ...key]);
    expect(bad.stdout + bad.stderr).toMatch(/http01-ingress\.json/);
    expect(bad.exitCode).toBe(1);
  });
});
