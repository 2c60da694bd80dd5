import { expect, test } from 'vitest';
import type { ObjectHistory } from '../evidence/evidence.ts';
import {
  condition,
  deletion,
  describeCondition,
  field,
  lastLivingState,
  list,
  nameOf,
  text,
  texts,
} from './recorded-object.ts';

const object = { a: [{ b: 'c' }], empty: '', names: ['x', 1, 'y'] };

test('reads along paths and returns nothing beyond their end', () => {
  expect(field(object, 'a', 0, 'b')).toBe('c');
  expect(field(object, 'a', 1, 'b')).toBeUndefined();
  expect(field(undefined, 'a')).toBeUndefined();
  expect(field('text', 'length')).toBeUndefined();
  expect(text(object, 'a')).toBeNull();
  expect(text(object, 'empty')).toBeNull();
  expect(list(object, 'names', 'x')).toEqual([]);
  expect(texts(object, 'names')).toEqual(['x', 'y']);
});

test('tells a condition of an earlier generation', () => {
  const withCondition = (generation: number) => ({
    metadata: { generation },
    status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Issued', observedGeneration: 1 }] },
  });
  expect(condition(withCondition(1), 'Ready')).toEqual({
    status: 'True',
    reason: 'Issued',
    message: '',
    current: true,
  });
  expect(describeCondition('Ready', condition(withCondition(2), 'Ready'))).toBe(
    "Ready True (Issued), of an earlier generation of the object's spec",
  );
  expect(condition(withCondition(1), 'Issuing')).toBeNull();
  const withoutGeneration = {
    metadata: { generation: 1 },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
  expect(condition(withoutGeneration, 'Ready')?.current).toBe(true);
});

test('tells the last living state from the deletion', () => {
  const at = '2026-11-24T09:00:00.000Z';
  const history: ObjectHistory = {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: 'ns',
    name: 'p',
    uid: 'u',
    states: [
      { at, change: 'added', object: { n: 1 } },
      { at, change: 'modified', object: { n: 2 } },
      { at, change: 'deleted', object: { n: 3 } },
    ],
  };
  expect(lastLivingState(history)?.object).toEqual({ n: 2 });
  expect(deletion(history)?.object).toEqual({ n: 3 });
  expect(deletion({ ...history, states: history.states.slice(0, 2) })).toBeUndefined();
  expect(nameOf(history)).toBe('Pod ns/p');
});
