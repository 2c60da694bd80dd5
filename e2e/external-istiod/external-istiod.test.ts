import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordedRuns } from '../../src/environment/existing/run-record.ts';
import { conditionTrue } from '../../src/kube/until.ts';
import { folderOfTests } from '../folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from '../machine.ts';
import { padlock } from '../padlock-command.ts';
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

  test('a log format without the path', async () => {
    const format = { method: '%REQ(:METHOD)%', status: '%RESPONSE_CODE%', host: '%REQ(:AUTHORITY)%' };
    let before: unknown;
    await controlPlane.configureMesh((mesh) => {
      before = mesh.accessLogFormat;
      mesh.accessLogFormat = JSON.stringify(format);
    });
    await refused(control(controlPlane.cell.kubeconfig), 3, /access log of the gateway .* does not contain path/);
    await controlPlane.configureMesh((mesh) => {
      mesh.accessLogFormat = before;
    });
  });

  afterAll(async () => {
    expect([await controlPlane.left(), await dataPlane.left(), await recordedRuns()]).toEqual([[], [], recordsBefore]);
    expect(existsSync(join(folder, 'refused'))).toBe(false);
  });
});

test("with Istio's objects at the control plane, and the log format of ASM", async () => {
  expect(await run(['http01-ingress'], both)).toEqual([
    { id: 'http01-ingress', result: 'passed', passed: 10, checks: 10 },
  ]);
});

/** What a trace of a Certificate says that waits for its Issuer. */
async function traced(): Promise<string> {
  const kubeconfigs = ['--kubeconfig', dataPlane.cell.kubeconfig, '--istio-kubeconfig', controlPlane.cell.kubeconfig];
  const { exitCode, stdout, stderr } = await padlock([
    'trace',
    'certificate',
    'waiting',
    '--namespace',
    'istio-system',
    '--dns',
    dataPlane.cell.nameServers[0] ?? '',
    ...kubeconfigs,
  ]);
  expect(exitCode, stderr).toBe(1);
  return stdout;
}

describe('a trace with both kubeconfigs names what is wrong between the clusters', () => {
  const host = `waiting.${dataPlane.cell.domain}`;
  beforeAll(async () => {
    await dataPlane.kube.apply([
      {
        ...{
          apiVersion: 'cert-manager.io/v1',
          kind: 'Certificate',
          metadata: { namespace: 'istio-system', name: 'waiting' },
        },
        spec: { dnsNames: [host], secretName: 'waiting', issuerRef: { name: 'missing' } },
      },
    ]);
  });

  test('a Gateway in the data plane', async () => {
    await dataPlane.kube.apply(cells.definitions, { retryWithinMs: 30_000 });
    const gateway = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      namespace: 'istio-system',
      name: 'waiting',
    };
    const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host] }];
    const { apiVersion, kind, ...metadata } = gateway;
    await dataPlane.kube.apply(
      [{ apiVersion, kind, metadata, spec: { selector: { istio: 'ingressgateway' }, servers } }],
      {
        retryWithinMs: 30_000,
      },
    );
    expect(await traced()).toMatch(
      new RegExp(
        `Gateway istio-system/waiting for ${host} is in the cluster at https:\\S+, where Istio's control plane does not look for it`,
      ),
    );
    await dataPlane.kube.remove(gateway);
  });

  test('istiod that does not reach the data plane, then one whose remote secret is refused', async () => {
    const cutAt = new Date();
    await cells.letReach(false);
    await cells.untilIstiodSays(/watch error in cluster data-plane/, cutAt);
    expect(await traced()).toMatch(
      /cannot read the cluster data-plane at https:\S+: .* Check the way from the control plane/,
    );
    await cells.endTokenOfIstiod();
    const reachableAt = new Date();
    await cells.letReach(true);
    await cells.untilIstiodSays(/watch error in cluster data-plane: .*Unauthorized/, reachableAt);
    expect(await traced()).toMatch(/cannot read the cluster data-plane .*Unauthorized.*renew the remote secret/);
  });
});

test("with one kubeconfig, where istiod reads Istio's objects in the data plane", async () => {
  await cells.moveConfiguration();
  expect(await run(['http01-ingress', 'http01-gateway-api'], dataPlane.runOptions())).toEqual([
    { id: 'http01-gateway-api', result: 'passed', passed: 10, checks: 10 },
    { id: 'http01-ingress', result: 'passed', passed: 10, checks: 10 },
  ]);
});
