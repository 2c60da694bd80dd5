import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/diagnosis/diagnosis.ts';
import { recordedRuns } from '../../src/environment/existing/run-record.ts';
import { untilVerdict } from '../../src/faults/until-verdict.ts';
import { KubeClient } from '../../src/kube/client.ts';
import { conditionTrue } from '../../src/kube/until.ts';
import { runToEnd } from '../../src/run-to-end.ts';
import { thisMachine } from '../../src/trace/outside.ts';
import { Tracer } from '../../src/trace/tracer.ts';
import { folderOfTests } from '../folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from '../machine.ts';
import { padlock, startPadlock } from '../padlock-command.ts';
import { TwoCells } from './two-cells.ts';

const before = lookAtMachine();
const recordsBefore = await recordedRuns();
const folder = folderOfTests();
const cells = await TwoCells.start('e2e-external');
const { controlPlane, dataPlane } = cells;
Object.assign(process.env, dataPlane.env);
afterAll(async () => {
  await cells[Symbol.asyncDispose]();
  expect(leftSince(before)).toEqual(nothing);
});

const both = [...dataPlane.runOptions(), '--istio-kubeconfig', controlPlane.kubeconfig];

/** Runs scenarios. @returns each check that did not pass, and what the report says of the parts */
async function run(scenarios: readonly string[], options: readonly string[]) {
  const report = join(folder, scenarios.join('-'));
  const { exitCode, stderr } = await dataPlane.runBesideItsDns(['run', ...scenarios, '--report', report, ...options]);
  expect(exitCode, stderr).toBe(0);
  const written = JSON.parse(await readFile(join(report, 'report.json'), 'utf8')) as {
    scenarios: { id: string; result: string; checks: { id: string; result: string }[] }[];
  };
  expect([await controlPlane.left(), await dataPlane.left(), await recordedRuns()]).toEqual([[], [], recordsBefore]);
  return written.scenarios.map(({ id, result, checks }) => ({
    ...{ id, result, passed: checks.filter((check) => check.result === 'passed').length, checks: checks.length },
  }));
}

/** Runs a command that is refused. */
async function refused(options: readonly string[], code: number, words: RegExp): Promise<void> {
  const { exitCode, stderr } = await padlock([
    'run',
    'http01-ingress',
    '--report',
    join(folder, 'refused'),
    ...options,
  ]);
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(exitCode, stderr).toBe(code);
}

describe('bad input ends with one sentence, and nothing is created on either side', () => {
  const control = (kubeconfig: string) => [...dataPlane.runOptions(), '--istio-kubeconfig', kubeconfig];

  test('the same kubeconfig twice', async () => {
    await refused(control(dataPlane.kubeconfig), 2, /--istio-kubeconfig and --kubeconfig lead to the same API server/);
  });

  test('swapped kubeconfigs', async () => {
    const swapped = [...dataPlane.runOptions(controlPlane.kubeconfig), '--istio-kubeconfig', dataPlane.kubeconfig];
    await refused(swapped, 2, /The kubeconfigs are swapped: cert-manager is in the cluster of --istio-kubeconfig/);
  });

  test('no rights at the control plane', async () => {
    const kubeconfig = await controlPlane.kubeconfigOf('padlock', 'default');
    await refused(
      control(kubeconfig),
      3,
      /in Istio's control plane at https:\S+: .*virtualservices\.networking\.istio\.io/,
    );
  });

  test('an Istio that serves v1beta1 only', async () => {
    const definition = cells.definitions.find(({ metadata }) => metadata.name.startsWith('virtualservices.'));
    if (definition === undefined) throw new Error('the charts have no definition of VirtualService');
    const { apiVersion, kind, metadata } = definition;
    const { versions, ...spec } = definition.spec as { versions: { name: string; storage: boolean }[] };
    const old = versions.filter(({ name }) => name === 'v1beta1').map((each) => ({ ...each, storage: true }));
    await dataPlane.kube.apply([{ apiVersion, kind, metadata, spec: { ...spec, versions: old } }]);
    await dataPlane.kube.waitFor({ apiVersion, kind }, conditionTrue(kind, metadata.name, 'Established'), {
      ...{ what: 'the definition to be Established', withinMs: 30_000 },
    });
    await refused(dataPlane.runOptions(), 3, /serves networking\.istio\.io\/v1beta1 only.*Upgrade Istio/);
    await dataPlane.kube.remove({ apiVersion, kind, name: metadata.name });
  });

  test.each([
    ['path', { method: '%REQ(:METHOD)%', status: '%RESPONSE_CODE%', host: '%REQ(:AUTHORITY)%' }],
    ['status', { method: '%REQ(:METHOD)%', path: '%REQ(:PATH)%', host: '%REQ(:AUTHORITY)%' }],
  ])('a log format without %s', async (missing, format) => {
    let before: unknown;
    await controlPlane.configureMesh((mesh) => {
      before = mesh.accessLogFormat;
      mesh.accessLogFormat = JSON.stringify(format);
    });
    const words = new RegExp(`access log of the gateway .* does not contain ${missing}, so `);
    await refused(control(controlPlane.cell.kubeconfig), 3, words).finally(() =>
      controlPlane.configureMesh((mesh) => {
        mesh.accessLogFormat = before;
      }),
    );
  });

  afterAll(async () => {
    expect([await controlPlane.left(), await dataPlane.left(), await recordedRuns()]).toEqual([[], [], recordsBefore]);
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });
});

test("with Istio's objects at the control plane, and the log format of ASM", async () => {
  expect(await run(['http01-ingress', 'http01-gateway-api'], both)).toEqual([
    { id: 'http01-gateway-api', result: 'passed', passed: 10, checks: 10 },
    { id: 'http01-ingress', result: 'passed', passed: 10, checks: 10 },
  ]);
});

describe('a trace with both kubeconfigs names what is wrong between the clusters, and its cure ends it', () => {
  const { signal } = new AbortController();
  const system = 'istio-system';
  const host = `between.${dataPlane.cell.domain}`;
  const tlsGateway = (credentialName: string) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { namespace: system, name: 'between' },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [
        {
          port: { number: 443, name: 'https', protocol: 'HTTPS' },
          hosts: [host],
          tls: { mode: 'SIMPLE', credentialName },
        },
      ],
    },
  });
  const gatewayRef = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', namespace: system, name: 'between' };
  let kube: KubeClient;
  let tracer: Tracer;

  beforeAll(async () => {
    kube = await KubeClient.open({
      path: dataPlane.cell.kubeconfig,
      istio: { path: controlPlane.cell.kubeconfig },
    });
    const { nameServers } = dataPlane.cell;
    tracer = new Tracer({ kube, outside: thisMachine, nameServers, caRoots: [], signal });
    await dataPlane.cell.setAddresses(host, [await cells.addressOfGateway()]);
    await dataPlane.kube.apply([
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Issuer',
        metadata: { namespace: system, name: 'own' },
        spec: { selfSigned: {} },
      },
    ]);
    await issue('between');
  });
  afterAll(async () => {
    await kube[Symbol.asyncDispose]();
  });

  /** A Certificate for the host, which cert-manager issues by itself. */
  async function issue(name: string): Promise<void> {
    const spec = { dnsNames: [host], secretName: name, issuerRef: { name: 'own' } };
    await dataPlane.kube.apply([
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata: { namespace: system, name }, spec },
    ]);
    await dataPlane.kube.waitFor(
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace: system },
      conditionTrue('Certificate', name, 'Ready'),
      { what: `Certificate ${name} to be issued`, withinMs: 60_000 },
    );
  }

  async function untilNamed(rule: string, name = 'between'): Promise<Diagnosis> {
    const options = { what: `the verdict ${rule}`, withinMs: 90_000, signal };
    const { diagnosis } = await untilVerdict(
      tracer,
      { namespace: system, name },
      { ...options, holds: (each) => each.rule === rule },
    );
    return diagnosis;
  }

  test('a Gateway in the data plane', async () => {
    await dataPlane.kube.apply(cells.definitions, { retryWithinMs: 30_000 });
    await dataPlane.kube.apply([tlsGateway('between')], { retryWithinMs: 30_000 });
    const { verdict, remedy } = await untilNamed('gateway-at-the-wrong-api-server');
    expect(verdict).toContain(`Gateway ${system}/between for ${host} is in the cluster at ${dataPlane.kube.server}`);
    expect(remedy).toMatch(/^Apply Gateway \S+ to the API server of the control plane/);
    await controlPlane.kube.apply([tlsGateway('between')]);
    await dataPlane.kube.remove(gatewayRef);
    await untilNamed('served');
  });

  test('a Secret at the control plane, which istiod takes as the data plane has none of its name', async () => {
    await issue('copied');
    const ref = { apiVersion: 'v1', kind: 'Secret', namespace: system, name: 'copied' };
    const secret = await dataPlane.kube.get(ref);
    const metadata = { namespace: system, name: 'copied' };
    await controlPlane.kube.apply([
      { ...{ apiVersion: 'v1', kind: 'Secret', metadata }, type: secret?.type, data: secret?.data },
    ]);
    await dataPlane.kube.remove({ ...ref, apiVersion: 'cert-manager.io/v1', kind: 'Certificate' });
    await dataPlane.kube.remove(ref);
    await controlPlane.kube.apply([tlsGateway('copied')]);
    const { verdict, remedy } = await untilNamed('secret-of-the-control-plane');
    expect(verdict).toContain(`serves the certificate of Secret ${system}/copied at the control plane`);
    expect(remedy).toMatch(/^Set credentialName to between, and remove Secret/);
    await controlPlane.kube.apply([tlsGateway('between')]);
    await controlPlane.kube.remove(ref);
    await untilNamed('served');
  });

  test('istiod that does not reach the data plane, then one whose remote secret is refused', async () => {
    const cutAt = new Date();
    await cells.letReach(false);
    await cells.untilIstiodSays(/watch error in cluster data-plane/, cutAt);
    await issue('late');
    await controlPlane.kube.apply([tlsGateway('late')]);
    const unreached = await untilNamed('istiod-cannot-read-cluster', 'late');
    expect(unreached.remedy).toMatch(/^Check the way from the control plane/);
    await cells.endTokenOfIstiod();
    const reachableAt = new Date();
    await cells.letReach(true);
    await cells.untilIstiodSays(/watch error in cluster data-plane: .*Unauthorized/, reachableAt);
    const refusedByApi = await untilNamed('istiod-cannot-read-cluster', 'late');
    expect(refusedByApi.verdict).toMatch(/Unauthorized\.$/);
    expect(refusedByApi.remedy).toMatch(/renew the remote secret/);
    const kubeconfigs = ['--kubeconfig', dataPlane.cell.kubeconfig, '--istio-kubeconfig', controlPlane.cell.kubeconfig];
    const byCommand = await padlock([
      ...['trace', 'certificate', 'late', '--namespace', system],
      ...['--dns', dataPlane.cell.nameServers[0] ?? '', ...kubeconfigs],
    ]);
    expect(byCommand.exitCode, byCommand.stderr).toBe(1);
    expect(byCommand.stdout).toContain(refusedByApi.verdict);
    await cells.giveRemoteSecret();
    await untilNamed('served', 'late');
  });
});

test('a bundle of both clusters has the objects of each, and its trace has the verdict of the live one', async () => {
  const kubeconfigs = ['--kubeconfig', dataPlane.cell.kubeconfig, '--istio-kubeconfig', controlPlane.cell.kubeconfig];
  const bundle = join(folder, 'bundle');
  const collected = await padlock(['bundle', ...kubeconfigs, '--output', bundle]);
  expect(collected.exitCode, collected.stderr).toBe(0);
  const traced = await padlock(['trace', 'certificate', 'late', '-n', 'istio-system', '--bundle', bundle, '--json']);
  expect(JSON.parse(traced.stdout)).toMatchObject({ diagnosis: { rule: 'issued' } });
});

test("a control plane that goes away in mid-run is named, and 'down' cleans both sides up once it is back", async () => {
  const { apiAddress } = controlPlane.cell.network;
  const command = startPadlock(['run', 'http01-ingress', '--report', join(folder, 'away'), ...both], dataPlane.env);
  await command.shows('http01-ingress: waiting for Certificate');
  await runToEnd('ip', ['route', 'add', 'unreachable', `${apiAddress}/32`]);
  const { exitCode, stderr } = await command.ended.finally(() =>
    runToEnd('ip', ['route', 'del', 'unreachable', `${apiAddress}/32`]),
  );
  expect(stderr).toMatch(/Istio's control plane stopped answering during the run/);
  expect(exitCode, stderr).toBe(3);
  const [run = ''] = (await recordedRuns()).filter((known) => !recordsBefore.includes(known));
  expect(run, stderr).not.toBe('');
  const down = await padlock(['down', run], dataPlane.env);
  expect(down.exitCode, down.stderr).toBe(0);
  expect([await controlPlane.left(), await dataPlane.left(), await recordedRuns()]).toEqual([[], [], recordsBefore]);
});

test("with one kubeconfig, where istiod reads Istio's objects in the data plane", async () => {
  await cells.moveConfiguration();
  expect(await run(['http01-ingress', 'http01-gateway-api'], dataPlane.runOptions())).toEqual([
    { id: 'http01-gateway-api', result: 'passed', passed: 10, checks: 10 },
    { id: 'http01-ingress', result: 'passed', passed: 10, checks: 10 },
  ]);
});
