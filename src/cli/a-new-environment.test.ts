import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ingressGatewayOfCharts, type RunningEnvironment } from '../environment/environment.ts';
import { spawnOnThisMachine } from '../environment/existing/spawn-on-this-machine.ts';
import type { EnvironmentProvider, PreparedEnvironment } from '../environment/provider.ts';
import { parsedOption } from '../environment/provider-option.ts';
import { registeredProviders, registerProvider } from '../environment/registry/providers.ts';
import { ClusterFixture, object } from '../trace/cluster-fixture.ts';
import { UserError } from '../user-error.ts';
import { main } from './command-line.ts';

// Proves that an environment is a provider and nothing else: this one exists only here, and every command knows it.

let folder: string;
let cluster: ClusterFixture;
let registration: Disposable;
let out: string;
let err: string;
const events: string[] = [];
const up = new Set<string>();

function kubeconfig(): string {
  return join(folder, 'kubeconfig');
}

function running(name: string): RunningEnvironment {
  return {
    kind: 'paper',
    name,
    kubeconfig: kubeconfig(),
    ca: {
      ...{ directoryUrl: 'https://ca.test/dir', directoryCaFile: null, software: 'Paper CA', version: '1' },
      ...{ settings: {}, userAgent: 'paper', log: null, roots: async () => [] },
    },
    gateway: ingressGatewayOfCharts,
    belongsToOthers: false,
    found: null,
    domain: 'paper.test',
    nameServers: ['127.0.0.1'],
    scratchOutside: folder,
    setAddresses: async () => {},
    spawnOutside: (command) => {
      events.push('spawn outside');
      return spawnOnThisMachine(command);
    },
    logs: async () => new Map([['press', join(folder, 'press.log')]]),
    async detach() {
      up.add(name);
    },
    async down() {
      events.push('down');
      return { downMs: 1, peakMemoryBytes: null };
    },
  };
}

function prepared(name: string, tears: boolean): PreparedEnvironment {
  return {
    ...{ isUp: false, staysUp: false, needsComponents: false, applicationImage: 'paper/httpbin:1', ownNamespaces: [] },
    facts: { sheet: 'A4' },
    async start({ onPhase }) {
      onPhase('platform', 'paper: folded');
      if (tears) throw new UserError('The paper tore.', { exitCode: 3 });
      return running(name);
    },
    async close() {},
    parts: async () => ({
      components: [{ name: 'paper', version: '80 g', source: 'a mill', digest: null }],
      notUpstream: ['The paper is recycled.'],
    }),
    howToReach: () => 'Unfold it.\n',
  };
}

interface PaperOptions {
  readonly sheets?: number;
}

const provider: EnvironmentProvider<PaperOptions> = {
  requirements: async () => [{ id: 'paper', optional: false, met: true, message: 'a stack of paper' }],
  async prepare({ name, options, outlives }) {
    events.push(`prepare ${options.sheets} ${outlives}`);
    return prepared(name, options.sheets === 0);
  },
  async find(name) {
    if (!up.has(name)) return null;
    const environment = running(name);
    const { logs } = environment;
    return { name, title: `sheet '${name}'`, kubeconfig: kubeconfig(), logs, connect: async () => environment };
  },
  async list() {
    return [...up].map((name) => ({
      ...{ name, phase: 'flat', since: null, where: 'the desk', kubeconfig: kubeconfig() },
      ...{ failure: null, advice: 'Fold it.' },
    }));
  },
  async remove(name) {
    up.delete(name);
  },
};

function sheets(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error('it must be a number.');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-paper-'));
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'));
  cluster = await ClusterFixture.start();
  await writeFile(kubeconfig(), cluster.server.kubeconfig.text);
  await writeFile(join(folder, 'press.log'), 'pressed\n');
  registration = registerProvider({
    kind: 'paper',
    summary: 'a sheet of paper',
    commands: ['run', 'up'],
    options: { sheets: parsedOption('--sheets <number>', 'how many sheets', sheets) },
    load: async () => provider,
  });
}, 60_000);

afterAll(async () => {
  registration[Symbol.dispose]();
  await cluster[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  [out, err] = ['', ''];
  events.length = 0;
  up.clear();
  vi.spyOn(process.stdout, 'write').mockImplementation((text, ...rest) => {
    out += String(text);
    for (const callback of rest) if (typeof callback === 'function') callback();
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

// The first command imports all that it needs.
const timeout = 60_000;

test('its option is in the help of run, up and matrix, under its name', { timeout }, async () => {
  for (const command of ['run', 'up', 'matrix']) {
    out = '';
    expect(await main([command, '--help'])).toBe(0);
    expect(out).toMatch(/Options for --environment paper:\n\s+--sheets <number>\s+how many sheets\n/);
    expect(out).toMatch(/"paper"/);
  }
});

test('its option is parsed by its parser, and refused for other environments', { timeout }, async () => {
  expect(await main(['up', '--environment', 'paper', '--sheets', 'many'])).toBe(2);
  expect(err).toContain("'many' is invalid. it must be a number.");
  err = '';
  expect(await main(['run', '--sheets', '1'])).toBe(2);
  expect(err).toBe('--sheets needs --environment paper.\n');
  err = '';
  expect(await main(['run', '--environment', 'paper', '--subnet', '10.231.3.0/24'])).toBe(2);
  expect(err).toBe('--subnet needs --environment cell.\n');
});

test('its option can stand in a configuration and in a variable', { timeout }, async () => {
  const file = join(folder, 'padlock.yaml');
  await writeFile(file, 'up:\n  environment: paper\n  sheets: 3\n');
  expect(await main(['up', '--config', file])).toBe(0);
  expect(events).toEqual(['prepare 3 true']);
  vi.stubEnv('PADLOCK_UP_SHEETS', '4');
  expect(await main(['up', '--environment', 'paper'])).toBe(0);
  vi.stubEnv('PADLOCK_UP_SHEETS', undefined);
  expect(events).toEqual(['prepare 3 true', 'prepare 4 true']);
});

test('up starts it, says how to reach it, and prints what it tells of itself', { timeout }, async () => {
  expect(await main(['up', '--environment', 'paper', '--name', 'sheet', '--sheets', '2', '--json'])).toBe(0);
  expect(err).toContain('checking this machine');
  expect(err).toContain('platform: paper: folded');
  expect(err).toMatch(/Up in \d+\.\d s\. Unfold it\.\n$/);
  expect(JSON.parse(out)).toMatchObject({
    ...{ name: 'sheet', kubeconfig: kubeconfig(), sheet: 'A4', directoryUrl: 'https://ca.test/dir' },
  });
});

test('run prepares nothing if its events cannot be written', { timeout }, async () => {
  const argv = ['run', 'http01-ingress', '--environment', 'paper', '--sheets', '0'];
  expect(await main([...argv, '--json', '--json-lines', '-'])).toBe(2);
  expect(await main([...argv, '--json-lines', join(folder, 'missing', 'events.jsonl')])).toBe(2);
  expect(events).toEqual([]);
});

test('run reports its kind, its parts and why it did not start', { timeout }, async () => {
  const report = join(folder, 'report');
  const argv = ['run', 'http01-ingress', '--environment', 'paper', '--sheets', '0', '--report', report];
  expect(await main(argv)).toBe(3);
  expect(events).toEqual(['prepare 0 false']);
  expect(JSON.parse(await readFile(join(report, 'report.json'), 'utf8'))).toMatchObject({
    result: 'error',
    environment: { kind: 'paper' },
    components: [{ name: 'paper', version: '80 g' }],
    notUpstream: ['The paper is recycled.'],
    error: { message: 'The paper tore.' },
  });
});

test('run starts it and takes it down, even if its cluster cannot be used', { timeout }, async () => {
  const report = join(folder, 'report-of-failed-run');
  const argv = ['run', 'http01-ingress', '--environment', 'paper', '--sheets', '1', '--report', report];
  expect(await main(argv)).toBe(3);
  expect(err).toMatch(/run-\w+: ready after .*starting the recorders.*run-\w+: removed in /s);
  expect([events[0], events.at(-1)]).toEqual(['prepare 1 false', 'down']);
  expect(JSON.parse(await readFile(join(report, 'report.json'), 'utf8'))).toMatchObject({
    ...{ result: 'error', environment: { kind: 'paper' }, ca: { software: 'Paper CA' } },
  });
});

test('status lists it, with what to do', { timeout }, async () => {
  up.add('sheet');
  expect(await main(['status'])).toBe(0);
  expect(out).toContain(`sheet\tpaper\tflat\tthe desk\t-\t${kubeconfig()}\n  Fold it.\n`);
  out = '';
  expect(await main(['status', '--json'])).toBe(0);
  expect(JSON.parse(out)).toContainEqual({
    ...{ name: 'sheet', environment: 'paper', phase: 'flat', since: null, where: 'the desk' },
    ...{ kubeconfig: kubeconfig(), failure: null, stateHome: null },
  });
});

test('doctor asks what it requires', { timeout }, async () => {
  await main(['doctor']);
  expect(out).toContain('ok       paper: a stack of paper\n');
});

test('logs and kubeconfig find it by its name', { timeout }, async () => {
  up.add('sheet');
  expect(await main(['logs', '--name', 'sheet'])).toBe(0);
  expect(out).toBe('press\n');
  expect(await main(['logs', 'ink', '--name', 'sheet'])).toBe(2);
  expect(err).toBe("The sheet 'sheet' has no log of 'ink'. Components with a log: press.\n");
  out = '';
  expect(await main(['kubeconfig', 'sheet'])).toBe(0);
  expect(out).toBe(`${kubeconfig()}\n`);
});

test('trace --name looks at its cluster, from its outside', { timeout }, async () => {
  up.add('sheet');
  cluster.server.put(
    object('cert-manager.io/v1', 'Certificate', 'cert', {
      spec: { dnsNames: ['a.paper.test'], secretName: 'cert-tls', issuerRef: { name: 'gone', kind: 'Issuer' } },
    }),
  );
  expect(await main(['trace', 'certificate', 'cert', '-n', 'apps', '--name', 'sheet'])).toBe(1);
  expect(out).toContain('gone');
  expect(events).toEqual(['spawn outside']);
});

test('bundle --name collects its logs', { timeout }, async () => {
  up.add('sheet');
  const bundle = join(folder, 'bundle');
  await main(['bundle', '--name', 'sheet', '--output', bundle]);
  expect(out).toBe(`${bundle}\n`);
  const { files } = JSON.parse(await readFile(join(bundle, 'index.json'), 'utf8')) as { files: { path: string }[] };
  expect(files.map(({ path }) => path).filter((path) => path.includes('press'))).toHaveLength(1);
});

test('bundle --name is limited to its namespaces if others use the cluster, too', { timeout }, async () => {
  up.add('sheet');
  const found = await provider.find('sheet');
  if (found === null) throw new Error('the sheet is up');
  vi.spyOn(provider, 'find').mockResolvedValue({ ...found, namespaces: async () => ['paper-a', 'gateways'] });
  const namespacesOf = async (name: string, ...options: readonly string[]) => {
    const bundle = join(folder, name);
    await main(['bundle', '--name', 'sheet', '--output', bundle, ...options]);
    return (JSON.parse(await readFile(join(bundle, 'index.json'), 'utf8')) as { namespaces: unknown }).namespaces;
  };
  expect(await namespacesOf('of-the-environment')).toEqual(['paper-a', 'gateways']);
  expect(await namespacesOf('of-the-option', '--namespace', 'shop')).toEqual(['shop']);
});

test('down removes it, by its name and with all others', { timeout }, async () => {
  up.add('sheet').add('other');
  expect(await main(['down', 'sheet'])).toBe(0);
  expect([...up]).toEqual(['other']);
  expect(err).toMatch(/^Removed sheet in /);
  // What else this machine has is not the test's to remove.
  for (const { kind, load } of registeredProviders()) {
    if (kind !== 'paper') vi.spyOn(await load(), 'list').mockResolvedValue([]);
  }
  err = '';
  up.add('third');
  expect(await main(['down', '--all'])).toBe(0);
  expect([...up]).toEqual([]);
  expect(err).toBe('Removed other, third.\n');
});
