import { expect, test } from 'vitest';
import { goodPathChecks } from '../all-checks.ts';
import { judge } from '../judge.ts';
import {
  after,
  forget,
  goodEvidence,
  host,
  put,
  recorded,
  replaceRequest,
  secondHost,
} from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { orderCompleted } from './order-completed.ts';

describeCheck(orderCompleted, goodEvidence, goodPathChecks, [
  {
    name: 'no Certificate was recorded',
    mutate: (evidence) => forget(evidence, 'Certificate'),
    says: ['No Certificate istio-system/istio-ingressgateway-certs was recorded'],
    alsoRed: ['secret-holds-issued-certificate'],
  },
  {
    name: 'the Certificate is not Ready',
    mutate: (evidence) => {
      recorded(evidence, 'Certificate').states.splice(2);
    },
    says: ['Certificate istio-system/istio-ingressgateway-certs should be Ready True', 'Ready False (DoesNotExist'],
  },
  {
    name: 'the Certificate is Ready for an earlier generation only',
    mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['metadata', 'generation'], 2),
    says: ["of an earlier generation of the object's spec"],
  },
  {
    name: 'the Certificate was deleted',
    mutate: (evidence) => {
      recorded(evidence, 'Certificate').states.push({ at: after(26), change: 'deleted', object: {} });
    },
    says: ['Certificate istio-system/istio-ingressgateway-certs was deleted'],
  },
  {
    name: 'no CertificateRequest was recorded',
    mutate: (evidence) => forget(evidence, 'CertificateRequest'),
    says: ['No CertificateRequest of Certificate istio-system/istio-ingressgateway-certs was recorded'],
    alsoRed: ['challenge-routed-through-gateway', 'solver-left-nothing'],
  },
  {
    name: 'the CertificateRequest belongs to another Certificate',
    mutate: (evidence) => {
      const request = recorded(evidence, 'CertificateRequest');
      put(request, ['metadata', 'ownerReferences', 0, 'uid'], 'another-uid');
      put(request, ['metadata', 'annotations', 'cert-manager.io/certificate-name'], 'another');
    },
    says: ['No CertificateRequest of Certificate istio-system/istio-ingressgateway-certs was recorded'],
    alsoRed: ['challenge-routed-through-gateway', 'solver-left-nothing'],
  },
  {
    name: 'the CertificateRequest belongs to nothing',
    mutate: (evidence) => {
      const request = recorded(evidence, 'CertificateRequest');
      put(request, ['metadata', 'ownerReferences'], undefined);
      put(request, ['metadata', 'annotations'], undefined);
    },
    says: ['No CertificateRequest of Certificate istio-system/istio-ingressgateway-certs was recorded'],
    alsoRed: ['challenge-routed-through-gateway', 'solver-left-nothing'],
  },
  {
    name: 'the CertificateRequest was not seen to its end',
    mutate: (evidence) => {
      recorded(evidence, 'CertificateRequest').states.splice(2);
    },
    says: ['CertificateRequest istio-system/istio-ingressgateway-certs-1 should be Ready True', 'Ready False (Pending'],
  },
  {
    name: 'a second CertificateRequest failed',
    mutate: (evidence) => {
      const second = structuredClone(recorded(evidence, 'CertificateRequest'));
      second.name = 'istio-ingressgateway-certs-2';
      second.uid = 'request-uid-2';
      second.states.splice(2);
      evidence.objects.push(second);
    },
    says: [
      'CertificateRequest istio-system/istio-ingressgateway-certs-2 should be Ready True',
      'No Order of CertificateRequest istio-system/istio-ingressgateway-certs-2 was recorded',
    ],
  },
  {
    name: 'a CertificateRequest failed, was removed, and another one came in its place',
    mutate: (evidence) => {
      const [request] = replaceRequest(evidence);
      put(request, ['status', 'conditions', 0, 'reason'], 'Failed');
    },
    says: ['CertificateRequest istio-system/istio-ingressgateway-certs-1 should be Ready True', 'Ready False (Failed'],
    alsoRed: ['challenge-routed-through-gateway', 'solver-left-nothing'],
  },
  {
    name: 'the Order of a CertificateRequest that was removed for another one was invalid',
    mutate: (evidence) => {
      const [, order] = replaceRequest(evidence);
      put(order, ['status', 'state'], 'invalid');
    },
    says: ['Order istio-system/istio-ingressgateway-certs-1-3141592653', 'the last state seen was "invalid"'],
    alsoRed: ['challenge-routed-through-gateway', 'solver-left-nothing'],
  },
  {
    name: 'no Order was recorded',
    mutate: (evidence) => forget(evidence, 'Order'),
    says: ['No Order of CertificateRequest istio-system/istio-ingressgateway-certs-1 was recorded'],
    alsoRed: ['challenge-routed-through-gateway', 'solver-left-nothing'],
  },
  {
    name: 'the Order is only ready',
    mutate: (evidence) => {
      recorded(evidence, 'Order').states.splice(3);
    },
    says: ['Order istio-system/istio-ingressgateway-certs-1-3141592653 should have reached the state valid', '"ready"'],
  },
  {
    name: 'the Order is invalid',
    mutate: (evidence) => {
      put(recorded(evidence, 'Order'), ['status', 'state'], 'invalid');
      put(recorded(evidence, 'Order'), ['status', 'reason'], 'Failed to finalize Order');
    },
    says: ['the last state seen was "invalid" (Failed to finalize Order)'],
  },
  {
    name: 'the Order has no state',
    mutate: (evidence) => {
      recorded(evidence, 'Order').states.splice(1);
    },
    says: ['the last state seen was no status.state'],
  },
  {
    name: 'no Challenge was recorded',
    mutate: (evidence) => forget(evidence, 'Challenge'),
    says: ['No Challenge of Order istio-system/istio-ingressgateway-certs-1-3141592653 was recorded'],
    alsoRed: ['challenge-routed-through-gateway', 'solver-left-nothing'],
  },
  {
    name: 'an authorization had no Challenge',
    mutate: (evidence) => {
      const url = 'https://acme.ca.example.test:14000/authZ/9';
      const authorizations = [
        { url: 'https://acme.ca.example.test:14000/authZ/0', identifier: host, initialState: 'pending' },
        { url, identifier: secondHost, initialState: 'pending' },
      ];
      put(recorded(evidence, 'Order'), ['status', 'authorizations'], authorizations);
    },
    says: ['No Challenge for the authorization https://acme.ca.example.test:14000/authZ/9'],
  },
  {
    name: 'the Challenge was deleted before it was valid',
    mutate: (evidence) => {
      const { states } = recorded(evidence, 'Challenge');
      states.splice(3, 1);
    },
    says: ['Challenge istio-system/', 'the last state seen was "pending" (Waiting for HTTP-01 challenge propagation'],
  },
  {
    name: 'the Challenge is invalid',
    mutate: (evidence) => put(recorded(evidence, 'Challenge'), ['status', 'state'], 'invalid'),
    says: ['Challenge istio-system/', '"invalid"'],
  },
]);

test('takes a Challenge that is still there when it is valid', async () => {
  const evidence = await goodEvidence();
  recorded(evidence, 'Challenge').states.splice(4);
  expect(verdictOf(orderCompleted, evidence).result).toBe('passed');
});

test('asks for no Challenge of an authorization that was valid from the start', async () => {
  const evidence = await goodEvidence({ hosts: [host, secondHost] });
  evidence.objects = evidence.objects.filter((history) => history !== recorded(evidence, 'Challenge', 1));
  expect(verdictOf(orderCompleted, evidence).result).toBe('failed');
  put(recorded(evidence, 'Order'), ['status', 'authorizations', 1, 'initialState'], 'valid');
  expect(verdictOf(orderCompleted, evidence).result).toBe('passed');
});

test('finds a CertificateRequest by its annotation alone', async () => {
  const evidence = await goodEvidence();
  put(recorded(evidence, 'CertificateRequest'), ['metadata', 'ownerReferences'], undefined);
  expect(verdictOf(orderCompleted, evidence).result).toBe('passed');
});

test('accepts a CertificateRequest that cert-manager replaced before it had a result, and says so', async () => {
  const evidence = await goodEvidence();
  replaceRequest(evidence);
  const verdicts = judge(
    evidence,
    goodPathChecks.map(({ id }) => id),
  );
  expect(verdicts.filter(({ result }) => result !== 'passed')).toEqual([]);
  expect(verdictOf(orderCompleted, evidence).message).toMatch(
    / cert-manager replaced a CertificateRequest istio-system\/istio-ingressgateway-certs-1 at \S+, before it led to a result\.$/,
  );
});

test('names that the CA had validated before need no Challenge, and checks of Challenges do not apply', async () => {
  const evidence = await goodEvidence();
  put(recorded(evidence, 'Order'), ['status', 'authorizations', 0, 'initialState'], 'valid');
  forget(evidence, 'Challenge');
  expect(verdictOf(orderCompleted, evidence)).toMatchObject({
    result: 'passed',
    message: expect.stringContaining('were valid beforehand, so there was no Challenge'),
  });
  const results = judge(evidence, ['challenge-routed-through-gateway', 'ca-reached-the-solver', 'solver-left-nothing']);
  expect(results.map(({ result, notApplicable }) => [result, notApplicable])).toEqual([
    ['skipped', true],
    ['skipped', true],
    ['skipped', true],
  ]);
  expect(results[0]?.message).toContain('Not applicable, because: The authorizations of Order');
});

test('an Order whose authorization was pending needs its Challenge', async () => {
  const evidence = await goodEvidence();
  forget(evidence, 'Challenge');
  expect(verdictOf(orderCompleted, evidence)).toMatchObject({ result: 'failed' });
});
