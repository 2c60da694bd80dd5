import { describe, expect, test } from 'vitest';
import type { KubeObject } from './kube-object.ts';
import { conditionTrue, deploymentAvailable, gone } from './until.ts';

function object(kind: string, generation: number, status: Record<string, unknown>): KubeObject {
  return {
    apiVersion: 'x/v1',
    kind,
    metadata: { name: 'a', namespace: 'n', generation },
    spec: { replicas: 2 },
    status,
  };
}

const condition = (type: string, status: string, observedGeneration?: number) => ({
  conditions: [{ type, status, ...(observedGeneration === undefined ? {} : { observedGeneration }) }],
});

describe('conditionTrue', () => {
  test('wants the condition of that object to be True for its present generation', () => {
    const ready = conditionTrue('Certificate', 'n/a', 'Ready');
    expect(ready([object('Certificate', 2, condition('Ready', 'True', 2))])).toBeDefined();
    expect(ready([object('Certificate', 2, condition('Ready', 'True'))])).toBeDefined();
    expect(ready([object('Certificate', 2, condition('Ready', 'True', 1))])).toBeUndefined();
    expect(ready([object('Certificate', 2, condition('Ready', 'False', 2))])).toBeUndefined();
    expect(ready([object('Certificate', 2, condition('Issuing', 'True'))])).toBeUndefined();
    expect(ready([object('Issuer', 2, condition('Ready', 'True'))])).toBeUndefined();
    expect(ready([{ ...object('Certificate', 1, {}), status: null }])).toBeUndefined();
    expect(
      conditionTrue('Certificate', 'other/a', 'Ready')([object('Certificate', 1, condition('Ready', 'True'))]),
    ).toBeUndefined();
  });
});

describe('deploymentAvailable', () => {
  test('wants all replicas of the present generation, and no old ones', () => {
    const available = deploymentAvailable('a');
    const counts = { observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    const state = (changes: Record<string, number>, status = 'True') =>
      available([object('Deployment', 3, { ...condition('Available', status), ...counts, ...changes })]);
    expect(state({})).toBeDefined();
    expect(state({}, 'False')).toBeUndefined();
    expect(state({ observedGeneration: 2 })).toBeUndefined();
    expect(state({ updatedReplicas: 1 })).toBeUndefined();
    expect(state({ availableReplicas: 1 })).toBeUndefined();
    expect(state({ replicas: 3 })).toBeUndefined();
    expect(available([object('Deployment', 3, condition('Available', 'True'))])).toBeUndefined();
  });
});

describe('gone', () => {
  test('wants no object of that kind and name', () => {
    expect(gone('Pod', 'a')([])).toBe(true);
    expect(gone('Pod', 'a')([object('Service', 1, {})])).toBe(true);
    expect(gone('Pod', 'a')([object('Pod', 1, {})])).toBeUndefined();
  });
});
