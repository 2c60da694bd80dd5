import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processCgroup } from '../src/environment/cell/processes/cgroups.ts';
import { forEachConcurrently } from '../src/kube/bounded-concurrency.ts';
import { KubeClient } from '../src/kube/client.ts';
import type { KubeObject } from '../src/kube/kube-object.ts';
import { waitForDeployment } from '../src/kube/wait-for-deployment.ts';
import { isExhaustive } from '../src/test/exhaustive.ts';
import { pidOf } from './cell-process.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { type Ended, padlock, type RunningCommand, startPadlock } from './padlock-command.ts';

/**
 * Each breaks one component of a real cell, and must be told which, and why. With `--exhaustive` in a start and in a run, each in a
 * cell of its own, two at a time.
 */
const folder = folderOfTests();

/** A state folder of their own. One for all, as subnets are shared out in it. */
const env = { XDG_STATE_HOME: join(folder, 'state') };

function pathsOf(cell: string): { readonly root: string; readonly kubeconfig: string } {
  const root = join(env.XDG_STATE_HOME, 'padlock', 'cells', cell);
  return { root, kubeconfig: join(root, 'kubeconfig') };
}

/** The cell of a run, whose name is new each time, from the first events of the run. */
async function cellOf(run: RunningCommand): Promise<string> {
  let stderr = '';
  const named = Promise.withResolvers<string>();
  run.process.stderr?.on('data', (text) => {
    stderr += text;
    const [, name] = /environment (run-\w+): starting/.exec(stderr) ?? [];
    if (name !== undefined) named.resolve(name);
  });
  return await named.promise;
}

/** One sentence with the cause, and none of what only follows from it. */
function expectCause({ exitCode, stderr }: Ended, cause: RegExp): void {
  process.stdout.write(`${stderr.split('\n').findLast((line) => cause.test(line)) ?? stderr}\n`);
  expect(stderr).toMatch(cause);
  expect(stderr).not.toMatch(/other side closed|ECONNREFUSED|ECONNRESET|socket hang up/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(exitCode, stderr).toBe(3);
}

/** What is staged, as none waits for another; two at a time, as many as the machine has cores. */
interface Staged {
  readonly ended: Ended;
  /** The name of the cell. */
  readonly cell: string;
}
/** Subnets far from those that others take first, one for each cell. */
let lastSubnet = 200;
function subnetOption(): readonly [string, string] {
  lastSubnet += 1;
  return ['--subnet', `10.231.${lastSubnet}.0/24`];
}

const staged = new Map<string, Promise<Staged>>();
function outcomeOf(name: string): Promise<Staged> {
  return staged.get(name) ?? Promise.reject(new Error(`'${name}' is not staged`));
}

const killedInUp = [
  ['etcd', 'cell: api server ready', 'SIGKILL', /etcd was killed \(SIGKILL\) \d/],
  ['kubelet', 'platform: applied', 'SIGTERM', /kubelet (ended with status 0|was killed \(SIGTERM\)) \d/],
  ['containerd', 'platform: applied', 'SIGKILL', /containerd was killed \(SIGKILL\) \d/],
  ['kube-proxy', 'platform: applied', 'SIGSEGV', /kube-proxy (was killed \(SIGSEGV\)|ended with status 2) \d/],
] as const;

async function killInUp(component: string, phase: string, signal: NodeJS.Signals): Promise<Staged> {
  const cell = `broken-${component}`;
  const up = startPadlock(['up', '--name', cell, '--install-fresh', ...subnetOption()], env);
  await up.shows(phase);
  process.kill(pidOf(cell, component), signal);
  return { ended: await up.ended, cell };
}

/** A small disk that is full once the API server is ready: a tmpfs that shrinks to what is on it. */
async function fillDiskInUp(): Promise<Staged> {
  const state = join(folder, 'full');
  const cell = 'broken-disk';
  mkdirSync(state);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8g', 'tmpfs', state]);
  try {
    const up = startPadlock(['up', '--name', cell, ...subnetOption()], { XDG_STATE_HOME: state });
    await up.shows('cell: api server ready');
    const used = execFileSync('du', ['--summarize', '--block-size=1', state], { encoding: 'utf8' }).split('\t')[0];
    execFileSync('mount', ['-o', `remount,size=${Number(used) + 4096}`, state]);
    return { ended: await up.ended, cell };
  } finally {
    execFileSync('umount', ['--lazy', state]);
  }
}

async function breakInRun(report: string, breaks: (cell: string) => void | Promise<void>): Promise<Staged> {
  const run = startPadlock(
    ['run', 'http01-ingress', '--skip', 'browser', '--report', join(folder, report), ...subnetOption()],
    env,
  );
  const cell = await cellOf(run);
  await run.shows('waiting for Certificate');
  await breaks(cell);
  return { ended: await run.ended, cell };
}

beforeAll(() => {
  if (!isExhaustive) return;
  const work: readonly (readonly [string, () => Promise<Staged>])[] = [
    ...killedInUp.map(([component, phase, signal]) => [component, () => killInUp(component, phase, signal)] as const),
    ['disk', fillDiskInUp],
    ['memory', () => breakInRun('memory', (cell) => leaveNoMemory(cell, 'kube-apiserver'))],
    ['named', () => breakInRun('named', (cell) => void process.kill(pidOf(cell, 'named'), 'SIGKILL'))],
  ];
  const started = new Map(work.map(([name]) => [name, Promise.withResolvers<Staged>()]));
  for (const [name, { promise }] of started) {
    promise.catch(() => {});
    staged.set(name, promise);
  }
  void forEachConcurrently(work, 2, async ([name, stage]) => {
    const { resolve, reject } = started.get(name) ?? Promise.withResolvers<Staged>();
    await stage().then(resolve, reject);
  });
});

describe.runIf(isExhaustive)('padlock up', () => {
  test.each(killedInUp)(
    '%s dies at "%s": it is named at once, and its log is kept',
    async (component, _, __, cause) => {
      const { ended, cell } = await outcomeOf(component);
      expectCause(ended, cause);
      const [, kept = ''] = /Its logs and diagnostics are in (\S+)\.$/m.exec(ended.stderr) ?? [];
      expect(existsSync(join(kept, 'environment-logs', `${component}.log`)), kept).toBe(true);
      const what = new RegExp(`What happened: The cell .*: ${component} `);
      expect(readFileSync(join(kept, 'README.md'), 'utf8')).toMatch(what);
      expect(existsSync(pathsOf(cell).root)).toBe(false);
    },
  );

  test('the component that finds the disk full says so', async () => {
    expectCause((await outcomeOf('disk')).ended, /no space (is )?left on the disk of /);
  });
});

describe.runIf(isExhaustive)('padlock run', () => {
  test('kube-apiserver is killed because memory runs out: the report says so, and has the logs', async () => {
    const { ended, cell } = await outcomeOf('memory');
    const limit = String.raw`the limit of the control group padlock-\S+/kube-apiserver is \d+ MiB`;
    expectCause(ended, new RegExp(`kube-apiserver was killed \\(out of memory: ${limit}\\)`));
    const report = join(folder, 'memory');
    const { result, error, bundle } = JSON.parse(readFileSync(join(report, 'report.json'), 'utf8'));
    expect(result).toBe('error');
    expect(error.message).toContain('out of memory');
    expect(existsSync(join(report, bundle, 'environment', 'environment-logs', 'kube-apiserver.log'))).toBe(true);
    expect(existsSync(pathsOf(cell).root)).toBe(false);
  });

  test('the name server outside dies: it is named, not the wait that it broke', async () => {
    const { ended, cell } = await outcomeOf('named');
    expectCause(ended, /named was killed \(SIGKILL\) \d/);
    const { error } = JSON.parse(readFileSync(join(folder, 'named', 'report.json'), 'utf8'));
    expect(error.message).toContain('named was killed');
    expect(existsSync(pathsOf(cell).root)).toBe(false);
  });
});

describe('a kept cell', () => {
  const name = 'broken-kept';
  let kube: KubeClient;

  beforeAll(async () => {
    const { exitCode, stderr } = await padlock(['up', '--name', name, ...subnetOption()], env);
    expect(exitCode, stderr).toBe(0);
    kube = await KubeClient.open({ path: pathsOf(name).kubeconfig });
  });

  afterAll(async () => {
    await kube[Symbol.asyncDispose]();
    await padlock(['down', name], env);
  });

  async function imageOf(deployment: string, namespace: string): Promise<string> {
    const found = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', name: deployment, namespace });
    const spec = found?.spec as { template: { spec: { containers: { image: string }[] } } };
    return spec.template.spec.containers[0]?.image ?? '';
  }

  async function failureOf(deployment: KubeObject, withinMs = 60_000): Promise<string> {
    await kube.apply([deployment]);
    const { name: deploymentName, namespace = 'default' } = deployment.metadata;
    const message = await waitForDeployment(kube, { namespace, name: deploymentName }, { withinMs }).then(
      () => 'it is Available',
      (error: Error) => error.message,
    );
    process.stdout.write(`${message}\n`);
    return message;
  }

  test('Deployments that cannot become Available are told with the reason of their Pods', async () => {
    const istiod = await imageOf('istiod', 'istio-system');
    const proxy = await imageOf('istio-ingressgateway', 'istio-system');
    const controller = await imageOf('cert-manager', 'cert-manager');
    await kube.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'full' } },
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'none', namespace: 'full' },
        spec: { hard: { pods: '0' } },
      },
    ]);
    const [badFlag, badGateway, outOfMemory, noNode, quota, noImage] = await Promise.all([
      failureOf(deployment('bad-flag', { image: istiod, args: ['discovery', '--keepaliveInterval=soon'] })),
      failureOf(deployment('bad-gateway', { image: proxy, args: ['proxy', 'router', '--concurrency=many'] })),
      failureOf(deployment('out-of-memory', { image: controller, resources: { limits: { memory: '8Mi' } } })),
      failureOf(deployment('no-node', { image: istiod, resources: { requests: { memory: '900Gi' } } }), 10_000),
      failureOf(deployment('quota', { image: istiod }, 'full'), 10_000),
      failureOf(deployment('no-image', { image: 'registry.padlock.test/no-such:1' }), 10_000),
    ]);
    expect(badFlag).toMatch(
      /as it cannot heal: container main of Pod default\/bad-flag-\S+ ended 4 times, last with exit code \d+ \(Error\), .*keepaliveInterval/,
    );
    expect(badGateway).toMatch(
      /as it cannot heal: container main of Pod default\/bad-gateway-\S+ ended 4 times, last with exit code \d+ \(Error\), .*; its log ends: .*(concurrency|many)/,
    );
    expect(outOfMemory).toMatch(
      /as it cannot heal: container main of Pod default\/out-of-memory-\S+ ended 4 times, last with exit code 137 \(OOMKilled\)/,
    );
    expect(noNode).toMatch(/has no node \(FailedScheduling: .*Insufficient memory/);
    expect(quota).toMatch(/has no Pods \(FailedCreate: .*exceeded quota: none/);
    expect(noImage).toMatch(/container main of Pod default\/no-image-\S+ waits \((ErrImagePull|ImagePullBackOff): /);
  });

  test('a component dies while a run uses the cell: run, status and logs name it, and no later run starts', async () => {
    const report = join(folder, 'report-kept');
    const run = startPadlock(['run', 'http01-ingress', '--skip', 'browser', '--on', name, '--report', report], env);
    await run.shows('waiting for Certificate');
    process.kill(pidOf(name, 'pebble'), 'SIGKILL');
    expectCause(await run.ended, /The cell 'broken-kept' failed: pebble was killed \(SIGKILL\) \d/);
    const cause = /pebble was killed \(SIGKILL\) \d/;
    const status = await padlock(['status'], env);
    expect(status.stdout).toMatch(cause);
    expect(status.stdout).toContain("'padlock logs --name broken-kept' lists its logs.");
    const logs = await padlock(['logs', 'pebble', '--name', name], env);
    expect(logs.stderr).toMatch(cause);
    expect(logs.stdout).toContain('Pebble');
    expectCause(await padlock(['run', '--on', name], env), /The cell 'broken-kept' failed: pebble was killed/);
  });
});

/** A Deployment with one container, which asks for nothing but what is given. */
function deployment(name: string, container: Record<string, unknown>, namespace = 'default'): KubeObject {
  const labels = { app: name };
  // Without a probe, a container is ready as soon as it runs, however short that is.
  const readinessProbe = { tcpSocket: { port: 65_000 }, periodSeconds: 1 };
  const containers = [{ name: 'main', imagePullPolicy: 'IfNotPresent', readinessProbe, ...container }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'sidecar.istio.io/inject': 'false' } },
        spec: { containers, terminationGracePeriodSeconds: 1 },
      },
    },
  };
}

/** Limits the memory of a process to what it uses, and makes it use more, until the kernel ends it. */
async function leaveNoMemory(cell: string, component: string): Promise<void> {
  const cgroup = processCgroup(cell, component);
  if (cgroup === null) throw new Error('no hierarchy of control groups accounts memory');
  const { version, folder: group } = cgroup;
  const [used, limit] =
    version === 2 ? ['memory.current', 'memory.max'] : ['memory.usage_in_bytes', 'memory.limit_in_bytes'];
  const pid = pidOf(cell, component);
  await using kube = await KubeClient.open({ path: pathsOf(cell).kubeconfig });
  const ask = () => kube.connection.json({ what: 'get all', path: '/openapi/v2' }).catch(() => {});
  const until = performance.now() + 60_000;
  while (existsSync(`/proc/${pid}`)) {
    if (performance.now() > until) throw new Error(`${component} lives on after 60 s without memory`);
    try {
      // What was used at the start is reclaimed in part, so the limit follows.
      writeFileSync(join(group, limit), readFileSync(join(group, used)));
    } catch (error) {
      // Another request took more meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    }
    await Promise.all(Array.from({ length: 20 }, ask));
  }
}
