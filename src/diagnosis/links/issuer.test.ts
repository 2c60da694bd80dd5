import { expect, test } from 'vitest';
import { forget, put, recorded } from '../../checks/testing/evidence-fixture.ts';
import { diagnose } from '../diagnose.ts';
import { describeRules, type RuleCase } from '../rule-cases-fixture.ts';
import { issuerSays, stoppedDeployment, waitingEvidence } from '../situation-fixture.ts';
import { issuerLink } from './issuer.ts';

/** Messages are those that cert-manager 1.21.2 and Pebble 2.10.1 gave. */
describeRules(
  [issuerLink],
  [
    {
      rule: 'issuer-kind-unknown',
      what: 'the group of Orders instead of that of Issuers',
      stage: (evidence) =>
        put(recorded(evidence, 'Certificate'), ['spec', 'issuerRef', 'group'], 'acme.cert-manager.io'),
      verdict:
        /names the kind Issuer in the group acme\.cert-manager\.io, and the cluster has no such kind; Issuer istio-system\/letsencrypt-prod-issuer is in the group cert-manager\.io/,
    },
    {
      rule: 'issuer-kind-unknown',
      what: 'an Issuer of the same name in a namespace that comes first',
      stage(evidence) {
        const history = recorded(evidence, 'Issuer');
        const [first] = history.states;
        if (first === undefined) throw new Error('the Issuer has no state');
        const metadata = { ...(first.object.metadata as object), namespace: 'a-team' };
        const other = {
          ...history,
          namespace: 'a-team',
          states: [{ ...first, object: { ...first.object, metadata } }],
        };
        evidence.objects.unshift(other);
        put(recorded(evidence, 'Certificate'), ['spec', 'issuerRef', 'group'], 'acme.cert-manager.io');
      },
      verdict: /; Issuer istio-system\/letsencrypt-prod-issuer is in the group cert-manager\.io/,
    },
    {
      rule: 'issuer-kind-unknown',
      what: 'an external issuer whose CustomResourceDefinition is not there',
      stage: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'issuerRef', 'group'], 'pca.example.test'),
      surroundings: { absentKinds: ['Issuer.pca.example.test'] },
      verdict: /the cluster has no such kind/,
    },
    {
      rule: 'account-not-valid',
      what: 'a deactivated account',
      stage: (evidence) =>
        issuerSays(evidence, '403 urn:ietf:params:acme:error:unauthorized: Account has been deactivated'),
      verdict: /does not accept the account of Issuer/,
    },
    {
      rule: 'issuer-secret-missing',
      what: 'an account key that cert-manager may not make',
      stage(evidence) {
        put(recorded(evidence, 'Issuer'), ['spec', 'acme', 'privateKeySecretRef'], { name: 'acme-account' });
        issuerSays(
          evidence,
          `Failed to verify ACME account: the ACME issuer config has 'disableAccountKeyGeneration' set to true, but the secret was not found: secrets "acme-account" not found`,
          'ErrVerifyACMEAccount',
        );
      },
      verdict: /names Secret acme-account \(privateKeySecretRef\), which does not exist in its namespace/,
    },
    {
      rule: 'account-key-unusable',
      what: 'a Secret without PEM',
      stage: (evidence) =>
        issuerSays(
          evidence,
          'Account private key is invalid: error decoding private key PEM block: no PEM data was found in given input',
          'ErrVerifyACMEAccount',
        ),
      verdict: /cannot use the account key in Secret \S+ \(Account private key is invalid: .*\)\.$/,
    },
    {
      rule: 'not-a-directory',
      what: 'a URL that the server does not have',
      stage: (evidence) =>
        issuerSays(
          evidence,
          'Failed to register ACME account: the ACME server returned an HTTP 404 response which is not an RFC 8555 problem document; the response body has been omitted and can be found in the cert-manager logs',
        ),
      verdict:
        /is not the URL of an ACME directory \(Failed to register ACME account: the ACME server returned an HTTP 404/,
    },
    {
      rule: 'cert-manager-not-running',
      what: 'a controller that is scaled to 0',
      stage: (evidence) => stoppedDeployment(evidence, 'controller'),
      verdict:
        /cert-manager does not run, as Deployment cert-manager\/cert-manager has no Pod that is available \(it is scaled to 0\)/,
    },
    {
      rule: 'cert-manager-not-running',
      what: 'a webhook whose Pod does not start',
      stage: (evidence) => stoppedDeployment(evidence, 'webhook', 1),
      verdict:
        /cert-manager's webhook does not run, .* so the API server refuses every change to cert-manager's objects/,
    },
    {
      rule: 'issuer-secret-missing',
      what: 'the key of a DNS-01 solver',
      stage(evidence) {
        const solvers = [{ dns01: { rfc2136: { tsigSecretSecretRef: { name: 'tsig', key: 'key' } } } }];
        put(recorded(evidence, 'Issuer'), ['spec', 'acme', 'solvers'], solvers);
        issuerSays(evidence, 'failed to get secret "tsig": secrets "tsig" not found');
      },
      verdict:
        /Issuer \S+ names Secret tsig \(tsigSecretSecretRef\), which does not exist in its namespace istio-system\.$/,
    },
    {
      rule: 'issuer-not-looked-at',
      what: 'an Issuer without a status',
      stage(evidence) {
        put(recorded(evidence, 'Issuer'), ['status'], undefined);
        put(recorded(evidence, 'Issuer'), ['metadata', 'creationTimestamp'], '2026-11-24T08:00:00Z');
      },
      verdict: /cert-manager has not looked at Issuer/,
    },
    {
      rule: 'issuer-missing',
      what: 'no Issuer of that name',
      stage: (evidence) => forget(evidence, 'Issuer'),
      verdict: /names Issuer istio-system\/letsencrypt-prod-issuer, which does not exist/,
    },
    ...(
      [
        [
          'eab-required',
          "403 urn:ietf:params:acme:error:externalAccountRequired: ACME server policy requires newAccount requests must include a value for the 'externalAccountBinding' field",
          /demands external account binding/,
        ],
        [
          'eab-unknown-key-id',
          "403 urn:ietf:params:acme:error:unauthorized: the field 'kid' references a key that is not known to the ACME server",
          /does not know the external account key ID 'none'/,
        ],
        [
          'eab-bad-encoding',
          'failed to decode external account binding key data: illegal base64 data at input byte 0',
          /is not base64url/,
        ],
        ['eab-secret-missing', 'secrets "eab" not found', /with the external account key does not exist/],
        [
          'eab-wrong-key',
          '403 urn:ietf:params:acme:error:unauthorized: external account binding JWS verification error: go-jose/go-jose: error in cryptographic primitive',
          /is not the one that the CA has/,
        ],
        [
          'ca-not-trusted',
          'Get "https://ca/dir": tls: failed to verify certificate: x509: certificate signed by unknown authority',
          /does not trust the TLS certificate of the CA's own server/,
        ],
        [
          'ca-not-reachable',
          'Get "https://ca/dir": dial tcp: lookup ca on 10.96.0.10:53: no such host',
          /cannot reach the CA/,
        ],
        [
          'issuer-not-ready',
          'something that nobody foresaw',
          /is not Ready \(ErrRegisterACMEAccount: Failed to register ACME account: something that nobody foresaw\)/,
        ],
      ] as const
    ).map(
      ([rule, message, verdict]): RuleCase => ({
        rule,
        what: message.slice(0, 60),
        stage(evidence) {
          issuerSays(evidence, `Failed to register ACME account: ${message}`);
          if (rule === 'eab-secret-missing') {
            put(recorded(evidence, 'Issuer'), ['spec', 'acme', 'externalAccountBinding'], {
              keySecretRef: { name: 'eab' },
            });
          }
        },
        verdict,
      }),
    ),
  ],
);

test('an Issuer that the user may not get is not missing', async () => {
  const evidence = await waitingEvidence();
  forget(evidence, 'Issuer');
  evidence.problems = ['Could not get Issuer istio-system/x: the API server says: forbidden (403 Forbidden).'];
  expect(diagnose(evidence).rule).toBe('challenge-waits');
});

test('an issuer of another group is not missing', async () => {
  const evidence = await waitingEvidence();
  forget(evidence, 'Issuer');
  forget(evidence, 'Challenge');
  forget(evidence, 'Order');
  put(recorded(evidence, 'Certificate'), ['spec', 'issuerRef'], {
    group: 'awspca.cert-manager.io',
    kind: 'AWSPCAClusterIssuer',
    name: 'pca',
  });
  expect(diagnose(evidence)).toMatchObject({
    rule: 'request-waits',
    verdict: expect.stringMatching(/ waits for AWSPCAClusterIssuer \S+, which is not an ACME issuer\.$/),
  });
});

test('an Issuer without ACME has no account to register', async () => {
  const evidence = await waitingEvidence();
  put(recorded(evidence, 'Issuer'), ['spec'], { ca: { secretName: 'root' } });
  issuerSays(evidence, 'Error getting keypair for CA issuer: secrets "root" not found', 'ErrGetKeyPair');
  expect(diagnose(evidence)).toMatchObject({
    rule: 'issuer-secret-missing',
    verdict: expect.stringMatching(/^The issuance does not begin: Issuer \S+ names Secret root, which does not exist/),
  });
});

test('an expired certificate of the CA is not cured by a caBundle', async () => {
  const evidence = await waitingEvidence();
  issuerSays(evidence, 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid');
  expect(diagnose(evidence)).toMatchObject({
    rule: 'ca-not-trusted',
    remedy: expect.not.stringContaining('caBundle'),
  });
});
