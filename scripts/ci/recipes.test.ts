import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { program } from '../../src/cli/program.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const action = '.github/actions/padlock/action.yml';
const steps = '.github/actions/padlock/steps.sh';
const github = 'docs/ci/github-workflow.yml';
const release = '.github/workflows/release.yml';
const releaseScript = 'scripts/ci/release.sh';
const gitlab = 'docs/ci/gitlab-ci.yml';
const tekton = 'docs/ci/tekton-task.yaml';
const recipes = [action, github, release, gitlab, tekton];

const actionSchema = z.object({ inputs: z.record(z.string(), z.unknown()) });
const workflowSchema = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      steps: z.array(z.object({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() })),
    }),
  ),
});
const namedSchema = z.object({ name: z.string() });
const taskSchema = z.object({
  spec: z.object({
    volumes: z.array(namedSchema),
    steps: z.tuple([
      z.object({
        script: z.string(),
        env: z.array(namedSchema.extend({ value: z.string() })),
        volumeMounts: z.array(namedSchema.extend({ mountPath: z.string() })),
      }),
    ]),
  }),
});

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'padlock-recipes-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

test.each(recipes)('%s is YAML, without an error or a warning, and each key once', (file) => {
  const documents = parseAllDocuments(read(file), { uniqueKeys: true });
  expect(documents).toHaveLength(1);
  for (const document of documents) expect([...document.errors, ...document.warnings]).toEqual([]);
});

test.each([action, github, release])('%s pins each action by its commit, and names the version beside it', (file) => {
  const uses = read(file)
    .split('\n')
    .filter((line) => /\buses:/.test(line) && !/uses: \.\//.test(line) && !/^\s*#/.test(line));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+(\/[\w-]+)?@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('the example workflow gives the action inputs that it has', () => {
  const known = Object.keys(actionSchema.parse(parse(read(action))).inputs);
  const given = Object.values(workflowSchema.parse(parse(read(github))).jobs)
    .flatMap((job) => job.steps)
    .filter(({ uses }) => uses === './.github/actions/padlock')
    .flatMap((step) => Object.keys(step.with ?? {}));
  expect(given).toContain('shard');
  expect(known).toEqual(expect.arrayContaining(given));
});

/** The words of each line that calls Padlock, after its name; those that a shell would fill in are left as they stand. */
function callsIn(file: string): string[][] {
  return read(file)
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .flatMap((line) => {
      const words = /(?:\.|\$project)\/padlock"? ([a-z].*)$/.exec(line)?.[1];
      return words === undefined ? [] : [words.replaceAll('"', '').split(/\s+/)];
    });
}

function commandNamed(name: string): Command {
  const padlock = program({ signal: new AbortController().signal, end: async () => {} });
  const found = padlock.commands.find((command) => command.name() === name);
  if (!found) throw new Error(`there is no command ${name}`);
  return found;
}

describe.each([steps, github, gitlab, tekton, releaseScript])('%s', (file) => {
  test('calls commands that there are, with options and choices that they have', () => {
    const calls = callsIn(file);
    expect(calls.length).toBeGreaterThan(0);
    for (const [name = '', ...words] of calls) {
      const command = commandNamed(name);
      words.forEach((word, position) => {
        if (!word.startsWith('--')) return;
        const option = command.options.find(({ long }) => long === word);
        expect(option, `padlock ${name} ${word}`).toBeDefined();
        const value = words[position + 1];
        if (option?.argChoices && value !== undefined && !value.includes('$')) {
          expect(option.argChoices, `padlock ${name} ${word}`).toContain(value);
        }
      });
    }
  });
});

test('the action passes options that `padlock run` has', () => {
  const options = [...read(steps).matchAll(/(?:options=|options\+=)\(([^)]*)\)/g)].flatMap(
    ([, list = '']) => list.match(/--[a-z-]+/g) ?? [],
  );
  expect(options.sort()).toEqual(['--environment', '--report', '--shard', '--skip']);
  const known = commandNamed('run').options.map(({ long }) => long);
  expect(known).toEqual(expect.arrayContaining(options));
});

describe('the key of the cache', () => {
  const script = join(root, 'scripts', 'ci', 'cache-key.sh');
  const keyOf = (project: string) =>
    execFileSync(script, { encoding: 'utf8', env: { ...process.env, PADLOCK_PROJECT: project } }).trim();

  test('covers every file that pins a version', () => {
    const covered = execFileSync(script, ['--files'], { encoding: 'utf8' }).trim().split('\n');
    const listed = execFileSync('git', ['ls-files', '--', 'components', 'package-lock.json'], {
      cwd: root,
      encoding: 'utf8',
    }).split('\n');
    const pins = listed.filter((file) => /(^|\/)(go\.mod|go\.sum|requirements\.txt|package(-lock)?\.json)$/.test(file));
    expect(pins.length).toBeGreaterThan(15);
    expect(covered).toEqual(expect.arrayContaining(pins));
    expect(covered).toContain('src/components/catalogue.ts');
  });

  test('is the same for the same files anywhere, and another with each of them', () => {
    for (const part of ['components', 'src/components', 'package-lock.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true });
    }
    const key = keyOf(folder);
    expect(key).toMatch(/^padlock-linux-\w+-[0-9a-f]{32}$/);
    expect(key).toBe(keyOf(root));
    const seen = new Set([key]);
    const changed = [
      'components/etcd/go.sum',
      'components/envoy/requirements.txt',
      'components/node/package-lock.json',
    ];
    for (const file of [...changed, 'package-lock.json', 'src/components/catalogue.ts']) {
      writeFileSync(join(folder, file), `${readFileSync(join(folder, file), 'utf8')}\n`);
      seen.add(keyOf(folder));
    }
    expect(seen.size).toBe(6);
    writeFileSync(join(folder, 'components', 'cert-manager', 'README.md'), 'Prose is no input.\n');
    expect(seen).toContain(keyOf(folder));
  });
});

describe('the steps of the action', () => {
  /** A project with the real scripts and a launcher that writes down how it was called. */
  function project(exitCode = 0): void {
    for (const file of [steps, 'scripts/ci/cache-key.sh', 'package-lock.json', 'src/components/catalogue.ts']) {
      cpSync(join(root, file), join(folder, file));
    }
    cpSync(join(root, 'components', 'etcd'), join(folder, 'components', 'etcd'), { recursive: true });
    script('padlock', `printf '%s\\n' "$@" >called; printf '%s' "$PADLOCK_CACHE" >cache-of-call; exit ${exitCode}`);
    mkdirSync(join(folder, 'bin'));
    script('bin/sudo', '[[ $1 != --preserve-env=* ]] || shift; exec "$@"');
  }

  function script(file: string, text: string): void {
    writeFileSync(join(folder, file), `#!/usr/bin/env bash\n${text}\n`);
    chmodSync(join(folder, file), 0o755);
  }

  function step(name: string, inputs: Record<string, string> = {}) {
    const { status, stdout } = spawnSync(join(folder, steps), [name], {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
        HOME: folder,
        GITHUB_OUTPUT: join(folder, 'output'),
        PADLOCK_SCENARIOS: 'core',
        PADLOCK_ENVIRONMENT: 'cell',
        PADLOCK_SHARD: '',
        PADLOCK_REPORT: 'padlock-report',
        ...inputs,
      },
    });
    return { status, stdout };
  }

  const called = () => readFileSync(join(folder, 'called'), 'utf8').trim().split('\n');

  test('prepare gives key, paths and names', () => {
    project();
    expect(step('prepare', { PADLOCK_SHARD: '2/4' }).status).toBe(0);
    const output = readFileSync(join(folder, 'output'), 'utf8');
    expect(output).toMatch(/^cache-key=padlock-linux-\w+-[0-9a-f]{32}$/m);
    expect(output).toMatch(/^cache-prefix=padlock-linux-\w+-$/m);
    expect(output).toContain(`\n${folder}/.cache/padlock/components\n`);
    expect(output).not.toContain('go-build');
    expect(output).toContain('\nreport=padlock-report\nartifact=padlock-cell-2-of-4\n');
  });

  test('build and run call Padlock with the cache that is saved', () => {
    project();
    expect(step('build').status).toBe(0);
    expect(called()).toEqual(['build']);
    const inputs = { PADLOCK_SCENARIOS: ' http01-ingress\nmissing-ingress-class ', PADLOCK_ENVIRONMENT: 'kind' };
    expect(step('run', { ...inputs, PADLOCK_SHARD: '1/2', PADLOCK_SKIP_BROWSER: 'true' }).status).toBe(0);
    const ids = ['http01-ingress', 'missing-ingress-class'];
    const options = ['--environment', 'kind', '--report', 'padlock-report', '--shard', '1/2', '--skip', 'browser'];
    expect(called()).toEqual(['run', ...ids, ...options]);
    expect(readFileSync(join(folder, 'cache-of-call'), 'utf8')).toBe(join(folder, '.cache', 'padlock'));
  });

  test('build and run pass the archive and its key on, also through sudo', () => {
    project();
    script('padlock', 'printf "%s %s" "$PADLOCK_ARCHIVE" "$PADLOCK_ARCHIVE_KEY" >called');
    const inputs = { PADLOCK_ARCHIVE: 'https://example.test/a.tar.zst', PADLOCK_ARCHIVE_KEY: 'key.pub.pem' };
    for (const name of ['build', 'run']) {
      expect(step(name, inputs).status).toBe(0);
      expect(called()).toEqual(['https://example.test/a.tar.zst key.pub.pem']);
    }
    const preserved = /--preserve-env=(\S+)/.exec(read(steps))?.[1]?.split(',');
    expect(preserved).toEqual(expect.arrayContaining(Object.keys(inputs)));
  });

  test.each([1, 3, 4])("ends with Padlock's exit code %i", (exitCode) => {
    project(exitCode);
    expect(step('run').status).toBe(exitCode);
    expect(called()).toEqual(['run', 'core', '--environment', 'cell', '--report', 'padlock-report']);
  });

  test.each([
    [{ PADLOCK_ENVIRONMENT: 'moon' }, 'The input environment must be cell or kind.'],
    [{ PADLOCK_SHARD: '2' }, 'The input shard must be INDEX/COUNT, as in 2/4.'],
    [{ PADLOCK_SCENARIOS: 'core --keep' }, 'The input scenarios must be ids, separated by spaces.'],
    [{ PADLOCK_SCENARIOS: '*' }, 'The input scenarios must be ids, separated by spaces.'],
    [{ PADLOCK_SCENARIOS: '$(reboot)' }, 'The input scenarios must be ids, separated by spaces.'],
    [{ PADLOCK_REPORT: '../elsewhere' }, 'The input report must be a folder below the workspace.'],
    [{ PADLOCK_REPORT: '/etc' }, 'The input report must be a folder below the workspace.'],
    [{ PADLOCK_REPORT: 'a\nartifact=b' }, 'The input report must be a folder below the workspace.'],
  ])('%j is refused before anything is called', (inputs, sentence) => {
    project();
    for (const name of ['prepare', 'run']) {
      expect(step(name, inputs)).toEqual({ status: 2, stdout: `::error title=Padlock::${sentence}\n` });
    }
    expect(called).toThrow('ENOENT');
  });
});

test('a release is refused if its tag is not the version', () => {
  const { status, stderr } = spawnSync(join(root, releaseScript), [folder], {
    encoding: 'utf8',
    env: { ...process.env, GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v99.0.0' },
  });
  expect(stderr).toMatch(/^The tag v99\.0\.0 is not v\d+\.\d+\.\d+, the version in package\.json\.$/m);
  expect(status).toBe(2);
});

describe("the Task's step", () => {
  const { spec } = taskSchema.parse(parse(read(tekton)));
  const [step] = spec.steps;

  test.each([
    ['', '/var/cache/padlock'],
    ['/workspace/cache', '/workspace/cache'],
  ])('runs the scenarios; with the workspace %j the cache is in %s', (workspace, cache) => {
    writeFileSync(join(folder, 'step'), step.script);
    writeFileSync(join(folder, 'padlock'), '#!/usr/bin/env bash\necho "$@"; echo "$PADLOCK_CACHE"; exit 1\n');
    for (const file of ['step', 'padlock']) chmodSync(join(folder, file), 0o755);
    const { status, stdout } = spawnSync(join(folder, 'step'), ['http01-ingress', 'missing-ingress-class'], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, SHARD: '1/2', CACHE_WORKSPACE: workspace, REPORT_RESULT: join(folder, 'result') },
    });
    const call = 'run http01-ingress missing-ingress-class --environment cell --shard 1/2 --report reports/tekton';
    expect(stdout).toBe(`${call}\n${cache}\n`);
    expect(readFileSync(join(folder, 'result'), 'utf8')).toBe('reports/tekton');
    expect(status).toBe(1);
  });

  test('keeps what overlayfs must not hold on volumes of the Pod', () => {
    expect(step.volumeMounts.map(({ name }) => name)).toEqual(spec.volumes.map(({ name }) => name));
    expect(step.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([
      '/var/lib/padlock-state',
      '/var/cache/padlock',
    ]);
    expect(step.env).toContainEqual({ name: 'XDG_STATE_HOME', value: '/var/lib/padlock-state' });
  });
});
