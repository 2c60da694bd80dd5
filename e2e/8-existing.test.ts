import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildComponents } from '../src/components/index.ts';
import { environmentContract } from '../src/environment/environment.contract.ts';
import { recordedRuns, recordFile } from '../src/environment/existing/run-record.ts';
import { connectExisting } from '../src/environment/existing/running-existing.ts';
import { imageOf } from '../src/platform/component-image.ts';
import { newRunName } from '../src/suite/run-suite.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { ForeignCell } from './foreign-cell.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { type Ended, padlock, startPadlock } from './padlock-command.ts';

/** The keys of Alibaba Cloud Service Mesh, whose values are texts. */
const asmFormat = {
  authority_for: '%REQ(:AUTHORITY)%',
  bytes_sent: '%BYTES_SENT%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  duration: '%DURATION%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  start_time: '%START_TIME%',
  upstream_cluster: '%UPSTREAM_CLUSTER%',
  upstream_host: '%UPSTREAM_HOST%',
  user_agent: '%REQ(USER-AGENT)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
};

const before = lookAtMachine();
const recordsBefore = await recordedRuns();
const folder = folderOfTests();
const foreign = await ForeignCell.start('e2e-existing');
Object.assign(process.env, foreign.env);
afterAll(async () => {
  await foreign[Symbol.asyncDispose]();
  expect(leftSince(before)).toEqual(nothing);
});

environmentContract('existing', async () => {
  const { signal } = new AbortController();
  const components = await buildComponents({ signal, onProgress: () => {} });
  const run = newRunName();
  const environment = await connectExisting({
    ...{ run, kubeconfig: foreign.kubeconfig, ca: foreign.ca, ...foreign.hostNames },
    ...{ allowClusterChanges: false, signal },
  });
  await environment.begin();
  return {
    environment,
    images: {
      httpbin: imageOf(components, 'docker.io/mccutchen/go-httpbin').name,
      proxy: imageOf(components, 'docker.io/istio/proxyv2').name,
    },
    imagePullPolicy: 'Never',
    visitorKubeconfig: foreign.cell.kubeconfig,
    async left() {
      const files = [recordFile(run), environment.scratchOutside].filter((file) => existsSync(file));
      return [...files, ...(await foreign.left(run))];
    },
  };
});

test('the suite core passes with the rights of rbac.yaml, and leaves nothing', async () => {
  const report = join(folder, 'core');
  const { exitCode, stderr } = await foreign.runBesideItsDns([
    'run',
    'core',
    '--report',
    report,
    ...foreign.runOptions(),
  ]);
  // Without --allow-cluster-changes one scenario is skipped.
  expect(exitCode, stderr).toBe(4);
  const { result, scenarios } = JSON.parse(await readFile(join(report, 'report.json'), 'utf8')) as {
    result: string;
    scenarios: { id: string; result: string; checks: { id: string; result: string; message: string }[] }[];
  };
  expect(scenarios.flatMap(({ checks }) => checks.filter((check) => check.result !== 'passed'))).toEqual([]);
  expect(scenarios.map(({ id, result: ofScenario }) => `${id} ${ofScenario}`)).toEqual([
    'http01-gateway-api passed',
    'http01-ingress passed',
    'missing-ingress-class skipped',
  ]);
  expect(result).toBe('partial');
  expect(await foreign.left()).toEqual([]);
  expect(await recordedRuns()).toEqual(recordsBefore);
});

function expectSentence({ exitCode, stderr }: Ended, code: number, words: RegExp): void {
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(exitCode, stderr).toBe(code);
}

describe.concurrent('an unusable cluster ends with one sentence, and nothing is created in it', () => {
  const ended = async (kubeconfig: string) =>
    await padlock(['run', 'http01-ingress', '--report', join(folder, 'refused'), ...foreign.runOptions(kubeconfig)]);

  test('a kubeconfig without current context', async () => {
    const kubeconfig = await foreign.writeKubeconfig('no-context.yaml', (config) => {
      config['current-context'] = '';
    });
    expectSentence(await ended(kubeconfig), 2, /no-context\.yaml.*current context/i);
  });

  test('credentials that have expired', async () => {
    const kubeconfig = await foreign.writeKubeconfig('expired.yaml', ({ users }) => {
      for (const user of users) user.user = { token: 'expired' };
    });
    expectSentence(await ended(kubeconfig), 3, /refuses the credentials .*401 Unauthorized.*Get new ones/);
  });

  test('missing rights, all of them at once', async () => {
    const kubeconfig = await foreign.kubeconfigOf('padlock', 'default');
    const refused = await ended(kubeconfig);
    expectSentence(
      refused,
      3,
      /lacks permissions .*create, delete, list, patch, watch namespaces; .*fixtures\/existing\/rbac\.yaml/,
    );
    for (const right of ['pods/log', 'secrets', 'challenges.acme.cert-manager.io', 'in istio-system'])
      expect(refused.stderr).toContain(right);
  });

  test('no right to make the Secret of an external account', async () => {
    const file = join(folder, 'hmac');
    await writeFile(file, 'c2VjcmV0LW9mLWFuLWV4dGVybmFsLWFjY291bnQ\n', { mode: 0o600 });
    const eab = ['--eab-kid', 'kid-1', '--eab-hmac-key-file', file];
    expectSentence(
      await padlock(['run', 'http01-ingress', ...foreign.runOptions(), ...eab]),
      3,
      /lacks permissions .*: create, patch secrets in http01-ingress-\S+ and istio-system\. \(.*rbac-external-account\.yaml/,
    );
  });

  test('a cluster that does not answer', async () => {
    const kubeconfig = await foreign.writeKubeconfig('nobody.yaml', ({ clusters }) => {
      for (const { cluster } of clusters) cluster.server = 'https://127.0.0.1:9';
    });
    expectSentence(await ended(kubeconfig), 3, /does not answer \(.*ECONNREFUSED/);
  });

  test('a missing gateway', async () => {
    const gateway = ['--gateway', 'istio-system/no-such'];
    expectSentence(
      await padlock(['run', 'http01-ingress', ...foreign.runOptions(), ...gateway]),
      2,
      /no Istio ingress gateway istio-system\/no-such\. Its ingress gateways: istio-system\/istio-ingressgateway/,
    );
  });

  afterAll(async () => {
    expect(await foreign.left()).toEqual([]);
    expect(existsSync(join(folder, 'refused'))).toBe(false);
    expect(await recordedRuns()).toEqual(recordsBefore);
  });
});

test('DNS-01 is solved by a name server that takes updates, with the rights of rbac-dns-updates.yaml', async () => {
  const report = join(folder, 'dns01');
  const command = ['run', 'ca-dns01', 'ca-wildcard', '--report', report, '--skip', 'browser', '--json'];
  const options = [...foreign.runOptions(), ...foreign.dnsUpdateOptions];
  const refused = await padlock([...command, ...options], foreign.env);
  expectSentence(
    refused,
    3,
    /lacks permissions .*: create, patch secrets in http01-ingress-\S+ and istio-system; delete certificates\.\S+ in \S+ \(.*rbac-dns-updates\.yaml/,
  );
  await foreign.grant('rbac-dns-updates.yaml');
  const { exitCode, stdout, stderr } = await foreign.runBesideItsDns([...command, ...options]);
  expect(exitCode, stderr).toBe(0);
  const { scenarios } = JSON.parse(stdout) as { scenarios: { id: string; result: string }[] };
  expect(scenarios.map(({ id, result }) => `${id} ${result}`)).toEqual(['ca-dns01 passed', 'ca-wildcard passed']);
  expect(await foreign.left()).toEqual([]);
  expect(await recordedRuns()).toEqual(recordsBefore);
});

describe('padlock repro on a cluster that was there before', () => {
  const repro = (id: string, ...options: readonly string[]) =>
    padlock(['repro', id, ...foreign.clusterOptions(foreign.cell.kubeconfig), '--allow-cluster-changes', ...options]);

  test('cures a fault that has a gateway of its own, and removes it by another command', async () => {
    const cured = await repro('second-gateway', '--cure', '--json');
    expect(cured.exitCode, cured.stderr).toBe(0);
    expect(JSON.parse(cured.stdout)).toMatchObject({
      diagnosis: { rule: 'route-at-another-gateway' },
      cured: { diagnosis: { rule: 'served' } },
    });
    expect((await recordedRuns()).length).toBe(recordsBefore.length + 1);
    const removed = await repro('second-gateway', '--remove');
    expect(removed.exitCode, removed.stderr).toBe(0);
    expect(await foreign.left()).toEqual([]);
    expect(await recordedRuns()).toEqual(recordsBefore);
  });

  test('down removes what it staged outside the namespaces of the fault, too', async () => {
    const staged = await repro('issuer-missing');
    expect(staged.exitCode, staged.stderr).toBe(0);
    const run = /padlock down (run-[a-z0-9]+)/.exec(staged.stderr)?.[1] ?? '';
    expect(await foreign.left(run)).toContain('Gateway istio-system/fault-issuer-missing');
    expect((await padlock(['down', run])).exitCode).toBe(0);
    expect(await foreign.left()).toEqual([]);
    expect(await recordedRuns()).toEqual(recordsBefore);
  });

  test('a fault that changes what others use is refused without --allow-cluster-changes', async () => {
    const ended = await padlock(['repro', 'issuer-missing', ...foreign.clusterOptions()]);
    expectSentence(ended, 2, /^The fault issuer-missing cannot be staged on this existing environment, .*--allow/);
  });
});

describe("Istio's own objects at an API server of their own", () => {
  let kubeconfigs: { cluster: string; control: string };
  const options = () => [...foreign.runOptions(kubeconfigs.cluster), '--istio-kubeconfig', kubeconfigs.control];
  beforeAll(async () => {
    kubeconfigs = await foreign.splitKubeconfigs();
  });

  test('the run passes with the rights split between both, and a log format like that of ASM', async () => {
    await foreign.configureMesh((mesh) => {
      mesh.accessLogFormat = JSON.stringify(asmFormat);
    });
    const { exitCode, stdout, stderr } = await foreign.runBesideItsDns([
      ...['run', 'http01-ingress', '--json', '--report', join(folder, 'split')],
      ...options(),
    ]);
    expect(exitCode, stderr).toBe(0);
    const { scenarios } = JSON.parse(stdout) as { scenarios: { checks: { id: string; result: string }[] }[] };
    const checks = scenarios.flatMap((scenario) => scenario.checks);
    expect(checks.find(({ id }) => id === 'challenge-routed-through-gateway')?.result).toBe('passed');
    expect(checks.filter(({ result }) => result !== 'passed')).toEqual([]);
    const evidence = JSON.parse(await readFile(join(folder, 'split', 'evidence', 'http01-ingress.json'), 'utf8')) as {
      objects: { kind: string; apiVersion: string; api?: string }[];
      accessLog: { responseCodeDetails: string }[];
    };
    const apiOf = (kind: string) => [
      ...new Set(evidence.objects.filter((each) => each.kind === kind).map(({ api }) => api)),
    ];
    expect([apiOf('VirtualService'), apiOf('Certificate')]).toEqual([['control-plane'], ['cluster']]);
    expect(new Set(evidence.accessLog.map(({ responseCodeDetails }) => responseCodeDetails))).toEqual(new Set(['-']));
    expect(await foreign.left()).toEqual([]);
    expect(await recordedRuns()).toEqual(recordsBefore);
  });

  test("without an access log, the solver's own log shows which way the CA's request took", async () => {
    await foreign.configureMesh((mesh) => {
      mesh.accessLogFile = '';
    });
    const { exitCode, stdout, stderr } = await foreign.runBesideItsDns([
      ...['run', 'http01-ingress', '--json', '--report', join(folder, 'without-log')],
      ...options(),
    ]);
    expect(exitCode, stderr).toBe(0);
    const { scenarios } = JSON.parse(stdout) as {
      scenarios: { checks: { id: string; result: string; message: string }[] }[];
    };
    const routed = scenarios[0]?.checks.find(({ id }) => id === 'challenge-routed-through-gateway');
    expect(routed?.message).toMatch(/access log was not seen .*The solver itself answered, through an Envoy: /);
    expect(routed?.result).toBe('passed');
    expect(await foreign.left()).toEqual([]);
  });

  test('missing rights are named for both sides at once', async () => {
    const refused = await padlock([
      ...['run', 'http01-ingress', ...foreign.runOptions(kubeconfigs.control)],
      ...['--istio-kubeconfig', kubeconfigs.cluster],
    ]);
    expectSentence(
      refused,
      3,
      /needs in the cluster at https:\S+: .*issuers\.cert-manager\.io.*; and in Istio's control plane at https:\S+: .*virtualservices\.networking\.istio\.io/,
    );
  });

  test('the same kubeconfig twice', async () => {
    const refused = await padlock([
      ...['run', 'http01-ingress', ...foreign.runOptions(kubeconfigs.cluster)],
      ...['--istio-kubeconfig', kubeconfigs.cluster],
    ]);
    expectSentence(refused, 2, /lead to the same API server/);
  });
});

test('a cluster that disappears during a run ends with 3 and explains how to delete its record', async () => {
  const command = startPadlock(
    ['run', 'http01-ingress', '--report', join(folder, 'lost'), ...foreign.runOptions()],
    foreign.env,
  );
  await command.shows('http01-ingress: waiting for Certificate');
  await padlock(['down', foreign.cell.name]);
  expectSentence(await command.ended, 3, /The cluster stopped answering during the run/);
  const [run = ''] = (await recordedRuns()).filter((known) => !recordsBefore.includes(known));
  const down = await padlock(['down', run]);
  expectSentence(down, 3, /could be removed.*If that cluster no longer exists, delete .*\.json/);
  await rm(recordFile(run));
});
