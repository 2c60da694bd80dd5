import { expect, test } from 'vitest';
import { forget, goodEvidence, put, recorded } from '../checks/testing/evidence-fixture.ts';
import { endedRules, pendingRules } from './certificate-rules.ts';
import { diagnose } from './diagnose.ts';
import { describeRules } from './rule-cases-fixture.ts';
import { addObject, orderSays, renewalFailed, waitingEvidence } from './situation-fixture.ts';

/** Messages are those that cert-manager 1.21.2 gave. */
describeRules(
  [...endedRules, ...pendingRules],
  [
    {
      rule: 'two-certificates-one-secret',
      what: 'another Certificate with the same secretName',
      stage(evidence) {
        addObject(evidence, {
          apiVersion: 'cert-manager.io/v1',
          kind: 'Certificate',
          metadata: { namespace: 'istio-system', name: 'first', uid: 'first-uid' },
          spec: { secretName: evidence.subject.secret.name },
        });
      },
      verdict: /cannot become Ready: Certificate istio-system\/first writes the same Secret/,
    },
    {
      rule: 'request-denied',
      what: 'an approver said no',
      stage: (evidence) =>
        put(
          recorded(evidence, 'CertificateRequest'),
          ['status', 'conditions'],
          [
            {
              type: 'Denied',
              status: 'True',
              reason: 'policy.cert-manager.io',
              message: 'No policy approved this request',
            },
          ],
        ),
      verdict: /was denied/,
    },
    {
      rule: 'rate-limited',
      what: 'the CA has a limit',
      stage: (evidence) =>
        orderSays(
          evidence,
          'errored',
          'Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates',
        ),
      verdict: /rate limit/,
    },
    {
      rule: 'validation-failed',
      what: 'the CA did not get the answer',
      stage(evidence) {
        const last = recorded(evidence, 'Challenge').states.at(-1);
        if (last)
          last.object.status = {
            state: 'invalid',
            reason:
              'Error accepting authorization: acme: authorization error for a.test: 403 urn:ietf:params:acme:error:unauthorized',
          };
      },
      verdict: /did not get the right answer: Error accepting authorization/,
    },
    {
      rule: 'order-failed',
      what: 'the Order errored',
      stage: (evidence) =>
        orderSays(evidence, 'errored', 'Failed to finalize Order: 500 urn:ietf:params:acme:error:serverInternal'),
      verdict: /The Order ended errored: Failed to finalize Order/,
    },
    {
      rule: 'renewal-failed',
      what: 'with nothing left of it but the Certificate',
      base: goodEvidence,
      stage: (evidence) => renewalFailed(evidence),
      verdict: /^The renewal of .* failed at 2026-11-24T09:10:00Z; the previous certificate is still in use/,
    },
    {
      rule: 'order-waits',
      what: 'between Challenge and Secret',
      stage(evidence) {
        forget(evidence, 'Challenge');
        orderSays(evidence, 'ready', '');
      },
      verdict: /being finalized/,
    },
    {
      rule: 'request-waits',
      what: 'right at the beginning',
      stage(evidence) {
        forget(evidence, 'Challenge');
        forget(evidence, 'Order');
      },
      verdict: /has no Order yet/,
    },
  ],
);

test('the newest attempt counts, whatever the order of a list', async () => {
  const evidence = await waitingEvidence();
  const born = (kind: string, time: string) => put(recorded(evidence, kind), ['metadata', 'creationTimestamp'], time);
  born('CertificateRequest', '2026-11-24T09:00:01Z');
  born('Order', '2026-11-24T09:00:01Z');
  const order = recorded(evidence, 'Order');
  const old = structuredClone(order);
  old.uid = 'old-order';
  old.name = `${order.name}-old`;
  put(old, ['metadata', 'uid'], 'old-order');
  put(old, ['metadata', 'creationTimestamp'], '2026-11-24T08:00:00Z');
  put(old, ['status'], { state: 'errored', reason: 'an earlier failure' });
  evidence.objects.push(old);
  expect(diagnose(evidence).rule).toBe('challenge-waits');
});
