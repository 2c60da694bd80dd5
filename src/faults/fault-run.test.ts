import { expect, test } from 'vitest';
import type { KubeObject } from '../kube/kube-object.ts';
import { type FaultContext, type FaultInScenario, fault } from './fault.ts';
import { FaultRun } from './fault-run.ts';

const issuer = { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { namespace: 'own', name: 'acme' } };
const gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { namespace: 'own', name: 'https' },
};

function run(inScenario: FaultInScenario, signal = new AbortController().signal) {
  const notes: string[] = [];
  const context = {
    note: (name: string, detail: string) => notes.push(`${name}: ${detail}`),
  } as unknown as FaultContext;
  const definition = fault({ ...broken, inScenario });
  return { notes, faultRun: new FaultRun(definition, context, signal) };
}

const broken = { id: 'broken', title: 'It is broken', symptom: 'It breaks.', diagnosedAs: 'served', verdict: /./ };

test('it begins once, one moment after the other', async () => {
  const done: string[] = [];
  const { faultRun, notes } = run({
    turnsRed: [],
    at: {
      'before-issuer': async () => void done.push('before-issuer'),
      'while-issuing': async () => void done.push('while-issuing'),
    },
  });
  expect(faultRun.changed([gateway])).toEqual([gateway]);
  expect(done).toEqual([]);
  await faultRun.begin();
  await faultRun.begin();
  expect(done).toEqual(['before-issuer', 'while-issuing']);
  expect(notes).toEqual(['fault: broken: It is broken']);
  await faultRun.end();
});

test('a fault is never started if the scenario does not reach its moment', async () => {
  const { faultRun, notes } = run({ turnsRed: [], at: { 'before-issuer': async () => {} } });
  await expect(faultRun.end()).rejects.toThrow(
    "Fault 'broken' was never started: the scenario did not reach the moment before its Issuer.",
  );
  expect(notes).toEqual([]);
});

test('a fault that changes objects counts as never started if no object was changed', async () => {
  const changes = (object: KubeObject) => (object.kind === 'Gateway' ? { ...object, spec: {} } : object);
  const unchanged = run({ turnsRed: [], changes });
  expect(unchanged.faultRun.changed([issuer])).toEqual([issuer]);
  await expect(unchanged.faultRun.end()).rejects.toThrow(
    "Fault 'broken' was never started: the scenario applied no object that the fault changes.",
  );
  const changed = run({ turnsRed: [], changes });
  expect(changed.faultRun.changed([issuer, gateway, gateway])).toEqual([
    issuer,
    { ...gateway, spec: {} },
    { ...gateway, spec: {} },
  ]);
  await changed.faultRun.end();
  expect(changed.notes).toEqual(['fault: broken: It is broken']);
});

test('a foreign root is there from the beginning', async () => {
  const { faultRun, notes } = run({ turnsRed: [], trustsForeignRoot: true });
  await faultRun.end();
  expect(notes).toEqual(['fault: broken: It is broken']);
});

test('a fault that is still waiting when the scenario has ended did not take effect', async () => {
  const { faultRun } = run({
    turnsRed: [],
    at: {
      'while-issuing': (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
  });
  await faultRun.begin();
  await expect(faultRun.end()).rejects.toThrow("Fault 'broken' did not take effect: the scenario ended first.");
  await expect(faultRun.end()).rejects.toThrow('did not take effect');
});

test('a fault that lasts until the scenario has ended took effect', async () => {
  const { faultRun } = run({
    turnsRed: [],
    at: {
      'while-issuing': (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    },
  });
  await faultRun.begin();
  await faultRun.end();
});

test.each([
  ['an id in capitals', { ...broken, id: 'Broken', inScenario: { turnsRed: [], trustsForeignRoot: true } }],
  ['no way to stage it', broken],
  ['nothing done in a scenario', { ...broken, inScenario: { turnsRed: [] } }],
  ['a rule without a verdict', { ...broken, verdict: null, inScenario: { turnsRed: [], trustsForeignRoot: true } }],
  [
    'red checks without a rule',
    { ...broken, diagnosedAs: null, verdict: null, inScenario: { turnsRed: ['a'], trustsForeignRoot: true } },
  ],
])('a definition with %s is refused', (_, definition) => {
  expect(() => fault(definition)).toThrow(/fault/);
});
