import { expect, test } from 'vitest';
import { certificateReady } from './certificate-ready.ts';

const refusal = '400 urn:ietf:params:acme:error:malformed: notAfter is not supported';
const failed = (state: string) => ({
  ...{ type: 'Issuing', status: 'False', reason: 'Failed' },
  message: `The certificate request has failed to complete and will be retried: Failed to wait for order resource "issued-1-2" to become ready: order is in "${state}" state: Failed to create Order: ${refusal}`,
});
const certificate = (name: string, ...conditions: readonly object[]) => ({
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  metadata: { namespace: 'shop', name },
  status: { conditions: [{ type: 'Ready', status: 'False' }, ...conditions] },
});
const predicate = certificateReady('shop/issued');

test('throws with the words of a CA that refused the Order', () => {
  expect(() => predicate([certificate('issued', failed('errored'))])).toThrow(
    `The Order of Certificate shop/issued errored: Failed to create Order: ${refusal}`,
  );
});

test('waits while it is issued, for what another has, and for authorizations that failed', () => {
  expect(predicate([])).toBeUndefined();
  expect(predicate([certificate('issued', { type: 'Issuing', status: 'True' })])).toBeUndefined();
  expect(predicate([certificate('other', failed('errored'))])).toBeUndefined();
  expect(predicate([certificate('issued', failed('invalid'))])).toBeUndefined();
});

test('finds the one that is Ready', () => {
  const ready = certificate('issued');
  const found = { ...ready, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  expect(predicate([certificate('other'), found])).toBe(found);
});

test('waits for one that is Ready and is issued once more', () => {
  const conditions = [
    { type: 'Ready', status: 'True' },
    { type: 'Issuing', status: 'True', reason: 'DoesNotExist' },
  ];
  expect(predicate([{ ...certificate('issued'), status: { conditions } }])).toBeUndefined();
});
