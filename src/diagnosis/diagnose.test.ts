import { describe, expect, test } from 'vitest';
import { put, recorded } from '../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { allRules, diagnose } from './diagnose.ts';
import { challengeRequest, orderSays, renewalFailed, waitingEvidence } from './situation-fixture.ts';

test('no two rules have the same id', () => {
  expect(new Set(allRules.map(({ id }) => id)).size).toBe(allRules.length);
});

test('where no rule matches, the diagnosis is unknown', async () => {
  const evidence = await waitingEvidence();
  evidence.objects = [];
  expect(diagnose(evidence)).toMatchObject({ rule: 'unknown', remedy: null });
});

test('every diagnosis lists what could not be seen', async () => {
  const evidence = await waitingEvidence();
  evidence.problems = ['The log of Pod a/b could not be read.'];
  expect(diagnose(evidence).unseen).toEqual(evidence.problems);
});

describe('a renewal', () => {
  test('that waits for a Challenge is diagnosed while the previous certificate is still Ready', async () => {
    const evidence = await waitingEvidence();
    renewing(evidence);
    challengeRequest(evidence, {
      status: 404,
      responseFlags: 'NR',
      responseCodeDetails: 'route_not_found',
      upstreamCluster: null,
    });
    const { rule, verdict } = diagnose(evidence);
    expect(rule).toBe('no-route');
    expect(verdict).toMatch(
      /^Certificate \S+ is being renewed \(the present one is valid until 2026-12-24T09:00:00Z\): the Challenge waits for its self-check: /,
    );
  });

  test('that failed with its Order is diagnosed by the Order', async () => {
    const evidence = await waitingEvidence();
    renewalFailed(evidence);
    orderSays(evidence, 'errored', 'Failed to finalize Order: 500 urn:ietf:params:acme:error:serverInternal');
    const { rule, verdict } = diagnose(evidence);
    expect(rule).toBe('order-failed');
    expect(verdict).toMatch(
      /^The renewal of Certificate \S+ failed \(the present certificate is still in use\): the Order ended errored/,
    );
  });
});

/** Makes the Certificate an issued one that is being renewed. */
function renewing(evidence: Evidence): void {
  const certificate = recorded(evidence, 'Certificate');
  put(certificate, ['status', 'notAfter'], '2026-12-24T09:00:00Z');
  put(
    certificate,
    ['status', 'conditions'],
    [
      { type: 'Ready', status: 'True', reason: 'Ready', message: 'Certificate is up to date and has not expired' },
      { type: 'Issuing', status: 'True', reason: 'Renewing', message: 'Renewing certificate as renewal was scheduled' },
    ],
  );
}
