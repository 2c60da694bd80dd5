import { describe, expect, test } from 'vitest';
import { forget, put, recorded } from '../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { chain } from './chain.ts';
import { allRules, diagnose } from './diagnose.ts';
import { linkIds } from './link-ids.ts';
import { addDns, challengeRequest, orderSays, renewalFailed, says, waitingEvidence } from './situation-fixture.ts';

test('no two rules have the same id', () => {
  const told = new Map<string, string>();
  for (const { id, recognizes } of chain.flatMap(({ rules }) => rules)) {
    expect(told.get(id) ?? recognizes, id).toBe(recognizes);
    told.set(id, recognizes);
  }
  expect(told.size).toBe(allRules.length);
});

test('the links are those of the chain, in its order, and need only links before them', () => {
  expect(chain.map(({ id }) => id)).toEqual(linkIds);
  for (const { id, needs } of chain)
    for (const needed of needs)
      expect(linkIds.indexOf(needed), `${id} needs ${needed}`).toBeLessThan(linkIds.indexOf(id));
});

test('what follows from a broken link is a consequence, and what does not is broken as well', async () => {
  const evidence = await waitingEvidence();
  forget(evidence, 'IngressClass');
  put(recorded(evidence, 'Ingress'), ['status'], undefined);
  challengeRequest(evidence, {
    ...{ status: 404, responseFlags: 'NR', responseCodeDetails: 'route_not_found', upstreamCluster: null },
  });
  const diagnosis = diagnose(evidence);
  expect(diagnosis).toMatchObject({ rule: 'missing-ingress-class', link: 'route', alsoBroken: [] });
  expect(diagnosis.consequences?.[0]).toMatch(/has no route for/);
  expect(diagnosis.links?.find(({ link }) => link === 'gateway')).toMatchObject({ state: 'blocked', by: 'route' });
  evidence.accessLog = [];
  addDns(evidence, { code: 'ENOTFOUND' });
  says(evidence, '');
  expect(diagnose(evidence).alsoBroken).toEqual([expect.stringMatching(/has no address/)]);
});

test('what two links have found is told once', async () => {
  const evidence = await waitingEvidence();
  put(recorded(evidence, 'Challenge'), ['status', 'presented'], false);
  says(evidence, 'pods "cm-acme-http-solver-x" is forbidden: exceeded quota: none');
  const { rule, verdict, consequences, alsoBroken } = diagnose(evidence);
  expect(rule).toBe('solver-not-created');
  expect([...(consequences ?? []), ...(alsoBroken ?? [])]).not.toContain(verdict);
});

test("Padlock's own requests are no evidence", async () => {
  const evidence = await waitingEvidence();
  challengeRequest(evidence, { status: 404, userAgent: 'padlock-probe' });
  expect(diagnose(evidence).rule).toBe('challenge-waits');
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
