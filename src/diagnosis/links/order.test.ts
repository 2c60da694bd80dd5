import { expect, test } from 'vitest';
import { forget, goodEvidence, put, recorded } from '../../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { diagnose } from '../diagnose.ts';
import { describeRules } from '../rule-cases-fixture.ts';
import {
  addObject,
  challengeRequest,
  directoryAnswers,
  orderSays,
  renewalFailed,
  stoppedDeployment,
  waitingEvidence,
} from '../situation-fixture.ts';
import { approvalLink } from './approval.ts';
import { caRequestLink } from './ca-request.ts';
import { certificateLink } from './certificate.ts';
import { finalizeLink } from './finalize.ts';
import { orderLink } from './order.ts';
import { requestLink } from './request.ts';

const connectionRefused =
  'E1124 09:30:53.858537       1 controller.go:155] "re-queuing item due to error processing" err="error creating new order: Get \\"https://acme.ca.example.test:14000/dir\\": dial tcp 10.231.4.6:443: connect: connection refused" logger="cert-manager"';

/** Messages are those that cert-manager 1.21.2 gave. */
describeRules(
  [certificateLink, requestLink, approvalLink, orderLink, caRequestLink, finalizeLink],
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
      rule: 'cert-manager-not-running',
      what: 'a controller that ended while the CA signed',
      stage(evidence) {
        orderSays(evidence, 'processing', '');
        stoppedDeployment(evidence, 'controller');
      },
      verdict: /cert-manager does not run/,
    },
    {
      rule: 'csr-refused',
      what: 'a key that the CA does not sign',
      stage(evidence) {
        put(recorded(evidence, 'Certificate'), ['spec', 'privateKey'], { algorithm: 'Ed25519' });
        orderSays(
          evidence,
          'errored',
          'Failed to finalize Order: 400 urn:ietf:params:acme:error:badCSR: CSR signature algorithm Ed25519 is not supported',
        );
      },
      verdict:
        /does not accept the certificate signing request of Certificate \S+, whose key is Ed25519: Failed to finalize/,
    },
    {
      rule: 'common-name-is-no-dns-name',
      what: 'a common name that is none of the names',
      stage(evidence) {
        put(recorded(evidence, 'Certificate'), ['spec', 'commonName'], 'Field shop');
        put(recorded(evidence, 'Certificate'), ['status'], {
          lastFailureTime: '2026-11-24T09:00:06Z',
          failedIssuanceAttempts: 2,
        });
        requestFails(
          evidence,
          'The CSR PEM requests a commonName that is not present in the list of dnsNames or ipAddresses: "Field shop" does not exist in [a.test] or []',
        );
      },
      verdict:
        /failed before an Order: CertificateRequest \S+ is refused, as its commonName "Field shop" is none of its dnsNames/,
    },
    {
      rule: 'request-failed',
      what: 'a request that failed before an Order',
      stage: (evidence) => requestFails(evidence, 'Failed to decode something'),
      verdict: /failed before an Order: CertificateRequest \S+ failed: Failed to decode/,
    },
    {
      rule: 'certificate-not-looked-at',
      what: 'no condition after a long time',
      stage(evidence) {
        for (const kind of ['Challenge', 'Order', 'CertificateRequest']) forget(evidence, kind);
        put(recorded(evidence, 'Certificate'), ['status'], undefined);
        put(recorded(evidence, 'Certificate'), ['metadata', 'creationTimestamp'], '2026-11-24T08:00:00Z');
      },
      verdict: /cert-manager has not looked at Certificate/,
    },
    {
      rule: 'backs-off',
      what: 'a failed attempt of which nothing is left',
      stage(evidence) {
        for (const kind of ['Challenge', 'Order', 'CertificateRequest']) forget(evidence, kind);
        put(recorded(evidence, 'Certificate'), ['status'], {
          lastFailureTime: '2026-11-24T09:00:06Z',
          failedIssuanceAttempts: 3,
          conditions: [{ type: 'Issuing', status: 'False', reason: 'Failed', message: 'It failed.' }],
        });
      },
      verdict: /The last attempt failed at 2026-11-24T09:00:06Z \(It failed\), and cert-manager waits/,
    },
    {
      rule: 'request-not-approved',
      what: 'nobody approved it',
      stage(evidence) {
        for (const kind of ['Challenge', 'Order']) forget(evidence, kind);
        put(recorded(evidence, 'CertificateRequest'), ['status', 'conditions'], []);
        put(recorded(evidence, 'CertificateRequest'), ['metadata', 'creationTimestamp'], '2026-11-24T08:00:00Z');
      },
      verdict: /nobody has approved or denied CertificateRequest/,
    },
    {
      rule: 'no-solver-fits',
      what: 'a wildcard, and only HTTP-01',
      stage(evidence) {
        forget(evidence, 'Challenge');
        put(recorded(evidence, 'Issuer'), ['spec', 'acme'], { solvers: [{ http01: { ingress: {} } }] });
        put(recorded(evidence, 'Order'), ['metadata', 'creationTimestamp'], '2026-11-24T08:00:00Z');
        put(recorded(evidence, 'Order'), ['status'], {
          state: 'pending',
          authorizations: [
            { identifier: 'a.test', wildcard: true, challenges: [{ type: 'dns-account-01' }, { type: 'dns-01' }] },
          ],
        });
      },
      verdict:
        /The Order for \*\.a\.test cannot go on: the CA offers dns-01 alone for a wildcard, and no solver of Issuer \S+ does dns-01/,
    },
    {
      rule: 'key-may-not-change',
      what: 'a Secret with a key of another kind',
      stage(evidence) {
        for (const kind of ['Challenge', 'Order', 'CertificateRequest']) forget(evidence, kind);
        const certificate = recorded(evidence, 'Certificate');
        put(certificate, ['spec', 'privateKey'], { rotationPolicy: 'Never', algorithm: 'ECDSA' });
        put(certificate, ['status', 'conditions'], [{ type: 'Issuing', status: 'True', reason: 'DoesNotExist' }]);
        const message =
          'User intervention required: existing private key in Secret "a" does not match requirements on Certificate resource, mismatching fields: [spec.privateKey.algorithm], but cert-manager cannot create new private key';
        addObject(evidence, {
          ...{
            apiVersion: 'v1',
            kind: 'Event',
            metadata: { namespace: 'istio-system', name: 'key.1', uid: 'key-uid' },
          },
          ...{ involvedObject: { uid: certificate.uid }, reason: 'CannotRegenerateKey', message },
        });
      },
      verdict:
        /is not the one that \S+ \S+ asks for \(spec\.privateKey\.algorithm\), and cert-manager may not make another/,
    },
    {
      rule: 'caa-forbids',
      what: 'the CA says so',
      stage: (evidence) =>
        rejects(evidence, '403 urn:ietf:params:acme:error:caa: CAA record for a.test prevents issuance'),
      verdict: /a CAA record forbids it/,
    },
    {
      rule: 'gateway-refuses-ca',
      what: 'a policy that knows the self-check alone',
      stage(evidence) {
        rejects(evidence, '403 urn:ietf:params:acme:error:unauthorized: Non-200 status code');
        challengeRequest(evidence, {
          status: 403,
          responseCodeDetails: 'rbac_access_denied_matched_policy[ns[istio-system]-policy[known-clients]-rule[0]]',
          upstreamCluster: null,
          userAgent: 'LetsEncrypt-Pebble-VA',
        });
      },
      verdict:
        /own request for \S+ reached the gateway \S+ and was answered 403 there; AuthorizationPolicy istio-system\/known-clients/,
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
      rule: 'ca-no-answer',
      what: 'a CA that stopped after the account was registered',
      stage: (evidence) => orderNotPlaced(evidence, connectionRefused),
      verdict:
        /^The Order has not been placed: cert-manager gets no answer to use from the CA at \S+ \(Get "https:\S+": dial tcp 10\.231\.4\.6:443: connect: connection refused\)\.$/,
    },
    {
      rule: 'ca-no-answer',
      what: 'an error of the CA itself, in a log of JSON lines',
      stage: (evidence) =>
        orderNotPlaced(
          evidence,
          `{"ts":${Date.parse('2026-11-24T09:30:00Z')}.2,"caller":"controller/controller.go:155","msg":"re-queuing item due to error processing","err":"error creating new order: 500 urn:ietf:params:acme:error:serverInternal: no"}`,
        ),
      verdict: /\(500 urn:ietf:params:acme:error:serverInternal: no\)/,
    },
    {
      rule: 'directory-fails',
      what: 'a load balancer whose server is gone',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, 503);
      },
      verdict:
        /^The Order has not been placed with the CA yet: the CA's server at https:\/\/acme.test\/dir answers every request with 503\.$/,
    },
    {
      rule: 'directory-fails',
      what: 'a server that does not run',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, { code: 'ECONNREFUSED' });
      },
      verdict: /takes no connections/,
    },
    {
      rule: 'directory-fails',
      what: 'a server that hangs',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, { code: 'PROBE_TIMEOUT' });
      },
      verdict: /does not answer in time/,
    },
    {
      rule: 'directory-fails',
      what: 'a server that ends connections',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, { code: 'ECONNRESET' });
      },
      verdict: /ends connections before/,
    },
    {
      rule: 'directory-fails',
      what: 'a certificate of yesterday',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, { code: 'CERT_HAS_EXPIRED' });
      },
      verdict: /has a certificate that has expired/,
    },
    {
      rule: 'directory-fails',
      what: 'a certificate of tomorrow',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, { code: 'CERT_NOT_YET_VALID' });
      },
      verdict: /is not valid yet/,
    },
    {
      rule: 'directory-fails',
      what: 'a certificate of another authority',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
      },
      verdict: /caBundle does not make trusted \(the words of the client\)/,
    },
    {
      rule: 'directory-fails',
      what: 'no way to it',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, { code: 'EHOSTUNREACH' });
      },
      verdict: /cannot be reached \(the words of the client\)/,
    },
    {
      rule: 'order-waits',
      what: 'at a CA whose directory is there',
      stage(evidence) {
        orderWithoutState(evidence);
        directoryAnswers(evidence, 200);
      },
      verdict: /has not been placed with the CA yet/,
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

test('an error of cert-manager while it chooses a solver passes, and blames no solver', async () => {
  const evidence = await waitingEvidence();
  forget(evidence, 'Challenge');
  put(recorded(evidence, 'Order'), ['metadata', 'creationTimestamp'], '2026-11-24T08:00:00Z');
  put(recorded(evidence, 'Order'), ['status'], {
    state: 'pending',
    authorizations: [{ identifier: evidence.subject.host, challenges: [{ type: 'http-01' }] }],
  });
  const message =
    'Failed to determine a valid solver configuration for the set of domains on the Order: context deadline exceeded';
  addObject(evidence, {
    ...{ apiVersion: 'v1', kind: 'Event', metadata: { namespace: 'istio-system', name: 'solver.1', uid: 'event-uid' } },
    ...{ involvedObject: { uid: recorded(evidence, 'Order').uid }, reason: 'Solver', message },
  });
  expect(diagnose(evidence).rule).toBe('order-waits');
});

test.for([
  { what: 'another CA', line: (line: string) => line.replace('acme.ca.example.test:14000', 'another.test') },
  { what: 'a time before the Order', line: (line: string) => line.replace('E1124 09:30', 'E1124 07:30') },
  { what: 'another step', line: (line: string) => line.replace('error creating new order', 'error getting order') },
])('an error of $what says nothing about the Order', async ({ line }) => {
  const evidence = await waitingEvidence();
  orderNotPlaced(evidence, line(connectionRefused));
  expect(diagnose(evidence).rule).toBe('order-waits');
});

test('an Order that was placed got its answer', async () => {
  const evidence = await waitingEvidence();
  orderNotPlaced(evidence, connectionRefused);
  orderSays(evidence, 'processing', '');
  expect(diagnose(evidence).rule).toBe('order-waits');
});

function requestFails(evidence: Evidence, message: string): void {
  for (const kind of ['Challenge', 'Order']) forget(evidence, kind);
  put(
    recorded(evidence, 'CertificateRequest'),
    ['status', 'conditions'],
    [
      { type: 'Approved', status: 'True', reason: 'cert-manager.io', message: '' },
      { type: 'Ready', status: 'False', reason: 'Failed', message },
    ],
  );
}

function rejects(evidence: Evidence, reason: string): void {
  const last = recorded(evidence, 'Challenge').states.at(-1);
  if (last) last.object.status = { state: 'invalid', reason };
}

/** An Order that has not been placed with the CA. */
function orderWithoutState(evidence: Evidence): void {
  forget(evidence, 'Challenge');
  put(recorded(evidence, 'Order'), ['status'], undefined);
}

/** An Order that has not been placed, and a line of cert-manager's log. */
function orderNotPlaced(evidence: Evidence, line: string): void {
  orderWithoutState(evidence);
  put(recorded(evidence, 'Order'), ['metadata', 'creationTimestamp'], '2026-11-24T09:00:04Z');
  evidence.logs = [{ source: 'cert-manager/controller', lines: [line] }];
}
