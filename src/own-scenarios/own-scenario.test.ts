import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { goodEvidence } from '../checks/testing/evidence-fixture.ts';
import { ingressGatewayOfCharts, type RunningEnvironment } from '../environment/environment.ts';
import type { ProbeClient } from '../evidence/probes/probe-client.ts';
import { ApiServerFixture } from '../kube/api-server-fixture.ts';
import { KubeClient } from '../kube/client.ts';
import { capabilitiesOf } from '../suite/context/capabilities.ts';
import { runScenario } from '../suite/run-scenario.ts';
import { chooseTimeScale } from '../time-scale.ts';
import { completed, type OwnScenario, type StepPlaces, scenario } from './own-scenario.ts';
import { placeInStack } from './place-in-stack.ts';

const manifests = mkdtempSync(join(tmpdir(), 'padlock-'));
const map = (name: string, namespace: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}${namespace === '' ? '' : `, namespace: ${namespace}`} }\n`;
writeFileSync(join(manifests, 'own.yaml'), map('prices', ''));
writeFileSync(join(manifests, 'outside.yaml'), `${map('prices', '')}---\n${map('rates', 'kube-system')}`);
afterAll(() => rmSync(manifests, { recursive: true }));

let server: ApiServerFixture;
let kube: KubeClient;

beforeEach(async () => {
  server = await ApiServerFixture.start(
    { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
    { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  );
  kube = await KubeClient.open(server.kubeconfig);
});

afterEach(async () => {
  chooseTimeScale(null);
  await kube[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const isThisFile = (file: string) => file === import.meta.filename;
const places: StepPlaces = {
  place: `${import.meta.filename}:1`,
  placeOfStep: () => placeInStack(new Error('here'), isThisFile),
  placeOfError: (error) => placeInStack(error, isThisFile),
};

/** The error with which a scenario of a user ends, and the objects that it applied. */
async function ended(act: OwnScenario['act'], more: Partial<OwnScenario> = {}) {
  const environment = {
    ca: { directoryUrl: '' },
    nameServers: [],
    gateway: ingressGatewayOfCharts,
  } as unknown as RunningEnvironment;
  const evidence = await goodEvidence();
  const { report } = await runScenario({
    scenario: completed(
      scenario({
        id: 'shop',
        title: 'Shop',
        manifests,
        act,
        observe: async () => {},
        checks: ['order-completed'],
        ...more,
      }),
      places,
    ),
    recorders: { evidence: async () => evidence, explain: async (recorded) => recorded },
    keep: true,
    onFailure: async () => {},
    parts: {
      fault: null,
      run: 'run-1',
      names: {
        ...{ host: 'shop-1.padlock.test', namespace: 'shop-1', applicationNamespace: 'default', suffix: '' },
        gateway: ingressGatewayOfCharts,
      },
      environment,
      kube,
      outside: { dns: async () => ({ outcome: { error: '' } }) } as unknown as ProbeClient,
      browser: null,
      caRoots: [],
      foreignRoot: '',
      capabilities: capabilitiesOf(environment, { profiles: [], rootNames: [] }),
      directoryCa: '',
      httpbinImage: '',
      signal: new AbortController().signal,
      onStep: () => {},
      onWait: () => {},
      onWaited: () => {},
    },
  });
  // A report has a reason for each scenario.
  expect(report.why).toBe('Shop');
  return report.error?.message;
}

const here = `${import.meta.filename.replaceAll('/', '\\/').replaceAll('.', '\\.')}:\\d+`;

test('an object without a namespace goes to the own one', async () => {
  expect(await ended((steps) => steps.apply('own.yaml'))).toBeUndefined();
  const applied = await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop-1', name: 'prices' });
  expect(applied?.metadata.namespace).toBe('shop-1');
});

test('an exception ends it with the place where it was thrown', async () => {
  const error = await ended(async () => {
    throw new Error('Nothing to sell.');
  });
  expect(error).toMatch(new RegExp(`^Nothing to sell \\(${here}\\)$`));
});

test('an object outside its namespaces is not applied, and nothing beside it', async () => {
  const error = await ended((steps) => steps.apply('outside.yaml'));
  expect(error).toContain(
    `It applies ConfigMap kube-system/rates outside its namespaces (${manifests}/outside.yaml:5)`,
  );
  expect(error).toMatch(new RegExp(`\\(${here}\\)$`));
  expect(await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop-1', name: 'prices' })).toBeUndefined();
});

test('a wait that runs out names the step', async () => {
  const prices = { apiVersion: 'v1', kind: 'ConfigMap', name: 'prices' };
  const error = await ended((steps) => steps.untilCondition(prices, 'Ready', 100));
  expect(error).toMatch(
    new RegExp(`^Gave up waiting for ConfigMap shop-1\\/prices to be Ready after 0\\.1 s \\(${here}\\)$`),
  );
});

test('one that goes on after its limit is given up, names its last step, and does nothing more', async () => {
  // The time after the limit is 10 s.
  chooseTimeScale(0.02);
  const { promise: isGivenUp, resolve: giveUp } = Promise.withResolvers<void>();
  const { promise: applied, resolve: note } = Promise.withResolvers<unknown>();
  const error = await ended(
    async (steps) => {
      await steps.get({ apiVersion: 'v1', kind: 'ConfigMap', name: 'prices' });
      await isGivenUp;
      note(await steps.apply('own.yaml').catch((cause: unknown) => cause));
    },
    { timeLimitMs: 10_000 },
  );
  expect(error).toMatch(new RegExp(`^shop did not end within its 0\\.2 s \\(${here}\\)$`));
  giveUp();
  expect(await applied).toMatchObject({ name: 'TimeoutError' });
});
