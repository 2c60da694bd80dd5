import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { after, forget, goodEvidence, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { refusedWithItsReason } from './refused-with-its-reason.ts';

const words = 'Failed to create Order: 400 urn:ietf:params:acme:error:malformed: illegal character';

function condition(type: string, reason: string, message: string) {
  return { status: { conditions: [{ type, status: 'False', reason, message }] } };
}

/** Evidence in which a Certificate was refused and no Secret was made. */
async function refusedEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  evidence.subject.expects = { refusal: { by: 'Certificate', says: ['malformed', 'rejectedIdentifier'] } };
  put(recorded(evidence, 'Certificate'), ['status'], condition('Issuing', 'Failed', words).status);
  forget(evidence, 'Secret');
  return evidence;
}

describeCheck(
  refusedWithItsReason,
  refusedEvidence,
  [refusedWithItsReason],
  [
    {
      name: 'the refusal says something else',
      mutate: (evidence) =>
        put(recorded(evidence, 'Certificate'), ['status'], condition('Issuing', 'Failed', 'try again').status),
      says: ['with "malformed" or "rejectedIdentifier"', 'says: Failed: try again'],
    },
    {
      name: 'the Certificate still waits',
      mutate: (evidence) =>
        put(recorded(evidence, 'Certificate'), ['status'], condition('Issuing', 'Requested', words).status),
      says: ['reported no refusal'],
    },
    {
      name: 'nothing was refused, it was issued',
      mutate: async (evidence) => {
        const good = await goodEvidence();
        const secret = recorded(good, 'Secret');
        for (const state of secret.states) state.at = after(-60);
        evidence.objects.push(secret);
      },
      says: ['The Secret held a certificate', 'before the refusal'],
    },
    {
      name: 'no Certificate',
      mutate: (evidence) => forget(evidence, 'Certificate'),
      says: ['No Certificate was recorded'],
    },
    {
      name: 'the scenario expects no refusal',
      mutate: (evidence) => {
        evidence.subject.expects = { http: 'answers' };
      },
      says: ['names no refusal'],
    },
  ],
);

test('an Issuer and an Event are read alike', async () => {
  const evidence = await refusedEvidence();
  evidence.subject.expects = { refusal: { by: 'Issuer', says: ['externalAccountRequired'] } };
  const [issuer] = evidence.objects.filter(({ kind }) => kind === 'Issuer');
  if (issuer === undefined) throw new Error('the fixture has no Issuer');
  expect(verdictOf(refusedWithItsReason, evidence).result).toBe('failed');
  put(issuer, ['status'], condition('Ready', 'ErrRegisterACMEAccount', '403 externalAccountRequired').status);
  expect(verdictOf(refusedWithItsReason, evidence).result).toBe('passed');

  evidence.subject.expects = { refusal: { by: 'Event', says: ['no configured challenge solvers'] } };
  expect(verdictOf(refusedWithItsReason, evidence).message).toContain('No Event was recorded');
  evidence.objects.push({
    ...issuer,
    apiVersion: 'v1',
    kind: 'Event',
    states: [
      {
        at: after(5),
        change: 'added',
        object: {
          reason: 'Solver',
          message: 'no configured challenge solvers can be used',
          involvedObject: { kind: 'Order', name: `${evidence.subject.certificate.name}-1-123` },
        },
      },
    ],
  });
  expect(verdictOf(refusedWithItsReason, evidence).result).toBe('passed');
});
