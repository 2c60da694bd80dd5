import { beforeEach, describe, expect, test } from 'vitest';
import { dns01Evidence } from '../checks/testing/ca-evidence-fixture.ts';
import {
  after,
  caAgent,
  forget,
  goodEvidence,
  host,
  logEntry,
  missingIngressClassEvidence,
  put,
  recorded,
  recordedTlsProbe,
  secondHost,
} from '../checks/testing/evidence-fixture.ts';
import type { Evidence, ObjectHistory } from '../evidence/evidence.ts';
import { phasesOf } from './phases.ts';
import { readIssuance } from './reading.ts';

let evidence: Evidence;

beforeEach(async () => {
  evidence = await goodEvidence();
  becomeReady(recorded(evidence, 'Pod'), 5.8);
});

/** Adds the state in which the kubelet reports a Pod Ready; the fixture's Pods have none. */
function becomeReady(pod: ObjectHistory, seconds: number): void {
  const [first] = pod.states;
  if (first === undefined) throw new Error('the fixture has a Pod without states');
  const object = structuredClone(first.object);
  object.status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  pod.states.splice(1, 0, { at: after(seconds), change: 'modified', object });
}

function durations(): Record<string, number> {
  return Object.fromEntries(phasesOf(readIssuance(evidence)).map(({ name, durationMs }) => [name, durationMs]));
}

function note(name: string): string | undefined {
  return phasesOf(readIssuance(evidence)).find((phase) => phase.name === name)?.note;
}

function isChallengeRequest({ path }: { path: string }): boolean {
  return path.includes('/token-');
}

test('a whole issuance has all phases, in their order', () => {
  expect(Object.entries(durations())).toEqual([
    ['account-registered', 600],
    ['order-created', 700],
    ['solver-ready', 1100],
    ['route-live', 10_200],
    ['self-check', 8001],
    ['validation', 200],
    ['secret-written', 500],
    ['certificate-ready', 21_000],
    ['served', 3130],
    ['total', 24_030],
  ]);
});

test('the notes name the known causes, with what was measured', () => {
  expect(note('route-live')).toMatch(/got 404, the next came 10\.0 s later .*may have been live before/);
  expect(note('self-check')).toBe("5 passes of cert-manager's self-check, which wants five in a row, 2 s apart");
  expect(note('validation')).toBe('3 requests of the CA answered 200 by the solver');
  expect(note('served')).toMatch(/applied Gateway\/httpbin-https in between, the last 1\.0 s before/);
});

describe('what the evidence does not show is left out', () => {
  test('evidence of nothing has no phases', () => {
    evidence.objects = [];
    evidence.accessLog = [];
    evidence.probes = [];
    evidence.actions = [];
    expect(phasesOf(readIssuance(evidence))).toEqual([]);
  });

  test.each([
    ['Issuer', ['account-registered']],
    ['Pod', ['solver-ready', 'route-live']],
    ['Service', ['route-live', 'self-check', 'validation']],
    ['Secret', ['secret-written', 'served', 'total']],
  ])('no %s', (kind, missing) => {
    const before = Object.keys(durations());
    forget(evidence, kind);
    expect(Object.keys(durations())).toEqual(before.filter((name) => !missing.includes(name)));
  });

  test('an Issuer that was there before the recorder', () => {
    evidence.actions = [];
    const [first] = recorded(evidence, 'Issuer').states;
    if (first) first.change = 'existed';
    expect(durations()).not.toHaveProperty('account-registered');
  });

  test('a solver Pod that runs but is not Ready', () => {
    recorded(evidence, 'Pod').states.splice(1, 1);
    expect(durations()).not.toHaveProperty('solver-ready');
  });

  test('a Challenge that never became valid', () => {
    put(recorded(evidence, 'Challenge'), ['status', 'state'], 'pending');
    expect(durations()).not.toHaveProperty('validation');
    expect(durations()).not.toHaveProperty('secret-written');
  });

  test('a certificate on the gateway that is not the one in the Secret', () => {
    for (const name of ['tls-trusted', 'tls-foreign-root']) {
      const { outcome } = recordedTlsProbe(evidence, name);
      if ('chain' in outcome) outcome.chain.shift();
    }
    expect(durations()).not.toHaveProperty('served');
    expect(durations()).not.toHaveProperty('total');
    expect(durations()).toHaveProperty('certificate-ready', 21_000);
  });

  test('answers 200 that are not from the solver, or for another token', () => {
    for (const entry of evidence.accessLog.filter(isChallengeRequest)) entry.upstreamCluster = 'outbound|8000||httpbin';
    evidence.accessLog.push(logEntry(17, { path: '/.well-known/acme-challenge/other', userAgent: caAgent }));
    expect(durations()).not.toHaveProperty('route-live');
    expect(durations()).not.toHaveProperty('validation');
  });
});

test('without actions on record, the watch tells when Issuer and Certificate were applied', () => {
  evidence.actions = [];
  expect(durations()).toMatchObject({ 'account-registered': 500, 'order-created': 600, total: 23_930 });
  expect(note('served')).toBeUndefined();
});

test('an action may name the namespace, too; one in another namespace is not meant', () => {
  for (const action of evidence.actions) action.detail = action.detail.replace('/', '/istio-system/');
  expect(durations()).toMatchObject({ 'account-registered': 600, 'order-created': 700 });
  for (const action of evidence.actions) action.detail = action.detail.replace('/istio-system/', '/other/');
  expect(durations()).toMatchObject({ 'account-registered': 500, 'order-created': 600 });
});

test('with a wait instead of the self-check there is no self-check, and the note names the wait', () => {
  evidence.accessLog = evidence.accessLog.filter((entry) => !entry.userAgent?.startsWith('cert-manager'));
  put(recorded(evidence, 'Challenge'), ['spec', 'solver'], { waitInsteadOfSelfCheck: '3s' });
  expect(durations()).not.toHaveProperty('self-check');
  expect(durations()).toHaveProperty('route-live', 18_400);
  expect(note('route-live')).toContain('waits 3s instead of its self-check');
});

test('a failed self-check that never reached the gateway is known from the Challenge', () => {
  evidence.accessLog = evidence.accessLog.filter((entry) => entry.at !== after(6));
  expect(note('route-live')).toMatch(/^a self-check of cert-manager failed before the route was live/);
});

test('the wait for an IngressClass is named', async () => {
  evidence = await missingIngressClassEvidence();
  becomeReady(recorded(evidence, 'Pod'), 5.8);
  expect(note('route-live')).toMatch(/^the scenario created the IngressClass 6\.2 s into it; a self-check/);
});

test('an end that became visible before its start counts 0 ms and says so', () => {
  recorded(evidence, 'Pod').states.splice(1, 1);
  becomeReady(recorded(evidence, 'Pod'), 16.012);
  expect(durations()).toHaveProperty('route-live', 0);
  expect(note('route-live')).toMatch(/^its end was seen 12 ms before its start; /);
});

test('of several names the subject counts, and the Secret comes after the last Challenge', async () => {
  evidence = await goodEvidence({ hosts: [host, secondHost] });
  const last = recorded(evidence, 'Challenge', 1).states.find((state) => state.at === after(24.4));
  if (last) last.at = after(24.7);
  expect(durations()).toMatchObject({ validation: 200, 'secret-written': 200 });
});

test('it works on evidence of the Gateway API solver alike', async () => {
  evidence = await goodEvidence({ solver: 'gateway-httproute' });
  expect(durations()).toMatchObject({ 'self-check': 8001, validation: 200, total: 24_030 });
});

describe('of a wildcard by DNS-01', () => {
  test('the TXT record is set, its propagation is checked, and it is removed', async () => {
    evidence = await dns01Evidence();
    expect(durations()).toMatchObject({ 'record-presented': 800, propagation: 18_900, 'record-removed': 500 });
  });

  test('evidence before version 3 has the phases that its report had', async () => {
    evidence = { ...(await dns01Evidence()), schemaVersion: 2 };
    expect(Object.keys(durations())).not.toContain('record-presented');
  });
});
