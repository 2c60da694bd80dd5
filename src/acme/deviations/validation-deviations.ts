import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { jsonObject } from '../client/answer.ts';
import { acceptAnyway } from './accept-anyway.ts';
import { withFields, withJson } from './answer-change.ts';
import { changeAnswers } from './change-answers.ts';
import { accept, askToWait, changeDecisions, ofAddresses, ofNames, refuse, tellAs } from './decide-otherwise.ts';
import type { Deviation } from './deviation.ts';

/** Groups 22, 23 and 28 to 35: how challenges are validated, and what follows from that. */

type Fields = Readonly<Record<string, unknown>>;

/** Changes the authorizations of a kind of identifiers. */
function changeAuthorizations(
  which: (identifier: Fields) => boolean,
  change: (authorization: Fields) => Fields,
): Deviation['apply'] {
  return changeAnswers(['authorization'], (answer) =>
    withJson(answer, (object) => (which((object.identifier ?? {}) as Fields) ? change(object) : object)),
  );
}

/** Changes the status of the order for two names that becomes ready in steps. */
function changeReadiness(from: string, to: string): Deviation['apply'] {
  return changeAnswers(['order'], (answer) =>
    answer.body.includes('"ready-1.') && jsonObject(answer)?.status === from
      ? withFields(answer, { status: to })
      : answer,
  );
}

/** A self-signed certificate for a name, in PEM. */
async function certificateFor(name: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const extensions = [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])];
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=deviant', keys, signingAlgorithm: algorithm, extensions },
  });
  return `${made.toString('pem')}\n`;
}

const namesAndAddresses: readonly Deviation[] = [
  {
    name: 'base-domain-called-wildcard',
    describes: 'With a wildcard and its base domain in one order, both authorizations say wildcard.',
    ...{ rfc: 8555, section: '7.1.4' },
    breaks: ['wildcard-and-base-domain'],
    apply: changeAuthorizations(
      ({ value }) => String(value).startsWith('wildcard-and-base.'),
      (object) => ({ ...object, wildcard: true }),
    ),
  },
  {
    name: 'wildcard-left-out-of-certificate',
    describes: 'The certificate for a name and its wildcard is for the name alone.',
    ...{ rfc: 8555, section: '7.4' },
    breaks: ['wildcard-is-issued'],
    apply: changeAnswers(['certificate'], async (answer, request, conversation) => {
      const order = conversation.lastGood(conversation.parentOf(request.url) ?? '');
      const names = [...(order?.body ?? '').matchAll(/"value":\s*"(wildcard-and-base\.[^"]*)"/g)];
      const [name] = names.map(([, value = '']) => value);
      return name === undefined ? answer : { ...answer, body: await certificateFor(name) };
    }),
  },
  {
    name: 'address-as-dns-name',
    describes: 'The authorization of an IP address has an identifier of the type dns.',
    ...{ rfc: 8738, section: '3' },
    breaks: ['ip-identifier'],
    apply: changeAuthorizations(
      ({ type }) => type === 'ip',
      (object) => ({ ...object, identifier: { ...(object.identifier as Fields), type: 'dns' } }),
    ),
  },
  {
    name: 'dns-01-for-addresses',
    describes: 'dns-01 is offered for an IP address.',
    ...{ rfc: 8738, section: '7' },
    breaks: ['ip-without-dns-01'],
    apply: changeAuthorizations(
      ({ type }) => type === 'ip',
      (object) => {
        const challenges = (object.challenges ?? []) as readonly Fields[];
        return { ...object, challenges: [...challenges, { ...challenges[0], type: 'dns-01' }] };
      },
    ),
  },
  {
    name: 'no-http-01-for-addresses',
    describes: 'http-01 of an IP address always fails.',
    ...{ rfc: 8738, section: '5' },
    breaks: ['ip-http-01'],
    apply: refuse(ofAddresses('http-01')),
  },
  {
    name: 'no-tls-alpn-01-for-addresses',
    describes: 'tls-alpn-01 of an IP address always fails.',
    ...{ rfc: 8738, section: '6' },
    breaks: ['ip-tls-alpn-01'],
    apply: refuse(ofAddresses('tls-alpn-01')),
  },
];

const progress: readonly Deviation[] = [
  {
    name: 'ready-too-soon',
    describes: 'An order is ready when the first of its authorizations is valid.',
    ...{ rfc: 8555, section: '7.1.6' },
    breaks: ['order-waits-for-all-authorizations'],
    apply: changeReadiness('pending', 'ready'),
  },
  {
    name: 'never-ready',
    describes: 'An order with several names stays pending when all its authorizations are valid.',
    ...{ rfc: 8555, section: '7.1.6' },
    breaks: ['order-becomes-ready'],
    apply: changeReadiness('ready', 'pending'),
  },
  {
    name: 'valid-without-time',
    describes: 'A valid challenge does not say when it was validated.',
    ...{ rfc: 8555, section: '8' },
    breaks: ['valid-challenge-says-when'],
    apply: changeDecisions(
      () => true,
      ({ validated: _, ...challenge }) => challenge,
    ),
  },
  {
    name: 'challenge-response-of-anyone',
    describes: 'The response to a challenge is taken from any account.',
    ...{ rfc: 8555, section: '8' },
    breaks: ['challenge-response-of-a-stranger'],
    async apply(request, forward, conversation) {
      const accepted = acceptAnyway(
        ({ header: { kid }, payload }) =>
          conversation.isFor(request, 'challenge') && payload === '{}' && conversation.ownerOf(request.url) !== kid,
      );
      const answer = await accepted(request, forward, conversation);
      return answer.status === 404 && conversation.isFor(request, 'challenge')
        ? conversation.answer(200, { type: 'http-01', url: request.url, status: 'processing' })
        : answer;
    },
  },
  {
    name: 'retry-after-a-day',
    describes: 'While it validates, the CA asks to come back after a day.',
    ...{ rfc: 8555, section: '8.2' },
    breaks: ['validation-retry-after'],
    apply: askToWait(ofNames('http-01-honest'), 86_400),
  },
  {
    name: 'validation-not-retried',
    describes: 'A validation whose first query fails is not tried again.',
    ...{ rfc: 8555, section: '8.2' },
    breaks: ['failed-query-is-retried'],
    apply: refuse(ofNames('failed-query-is-retried')),
  },
];

/** A deviation in the decision on the names of one check, which has its id as first label where no label is given. */
function decision(
  how: (which: ReturnType<typeof ofNames>) => Deviation['apply'],
  [rfc, section]: readonly [number, string],
) {
  return (name: string, check: string, describes: string, label = check): Deviation => ({
    ...{ name, describes, rfc, section },
    breaks: [check],
    apply: how(ofNames(label)),
  });
}

const http01 = [8555, '8.3'] as const;
const refusesHttp = decision(refuse, http01);
const acceptsHttp = decision(accept, http01);
const dns01 = [8555, '8.4'] as const;
const refusesDns = decision(refuse, dns01);
const acceptsDns = decision(accept, dns01);
const tlsAlpn01 = [8737, '3'] as const;
const refusesTls = decision(refuse, tlsAlpn01);
const acceptsTls = decision(accept, tlsAlpn01);
const tellsOtherwise = decision((which) => tellAs(which, 'malformed'), [8555, '6.7']);
const drafts = [8555, '8'] as const;
const refusesDraft = decision(refuse, drafts);
const acceptsDraft = decision(accept, drafts);
const refusesByCaa = (section: string, rfc = 8659) => decision((which) => refuse(which, 'caa'), [rfc, section]);
const ignoresCaa = (section: string, rfc = 8659) => decision(accept, [rfc, section]);

export const validationDeviations: readonly Deviation[] = [
  ...namesAndAddresses,
  ...progress,
  refusesHttp('no-http-01', 'http-01-request', 'http-01 always fails.', 'http-01-honest'),
  refusesHttp('no-redirects', 'http-01-follows-redirects', 'http-01 follows no redirect.'),
  refusesHttp('no-redirect-to-another-host', 'http-01-redirect-to-another-host', 'http-01 stays at the host.'),
  refusesHttp(
    'redirect-needs-trusted-https',
    'http-01-redirect-to-untrusted-https',
    'http-01 follows redirects to https only where it trusts the certificate.',
  ),
  refusesHttp('one-redirect-only', 'http-01-several-redirects', 'http-01 follows one redirect only.'),
  acceptsHttp('redirect-loop-valid', 'http-01-redirect-loop', 'http-01 succeeds where redirects lead in a circle.'),
  refusesHttp('trailing-newline-refused', 'http-01-trailing-newline', 'http-01 fails by a line end after the body.'),
  refusesHttp('trailing-space-refused', 'http-01-trailing-space', 'http-01 fails by spaces after the body.'),
  acceptsHttp('http-01-of-any-key', 'http-01-key-of-another-account', 'http-01 looks at the token alone.'),
  acceptsHttp(
    'http-01-beginning-suffices',
    'http-01-more-than-the-key-authorization',
    'http-01 looks at the beginning of the body alone.',
  ),
  acceptsHttp('http-01-status-ignored', 'http-01-not-found', 'http-01 does not look at the status of the answer.'),
  refusesHttp('one-address-only', 'http-01-address-fallback', 'http-01 tries one address of a host only.'),
  tellsOtherwise(
    'wrong-body-called-malformed',
    'failed-http-01-says-unauthorized',
    'A wrong key authorization is told as malformed.',
    'http-01-key-of-another-account',
  ),
  tellsOtherwise(
    'no-connection-called-malformed',
    'failed-http-01-says-connection',
    'A host that cannot be reached is told as malformed.',
  ),
  refusesDns('no-dns-01', 'dns-01-query', 'dns-01 always fails.', 'dns-01-honest'),
  refusesDns('first-txt-only', 'dns-01-several-values', 'dns-01 looks at one TXT record only.'),
  decision(refuse, [1034, '3.6.2'])('no-aliases', 'dns-01-alias', 'dns-01 follows no CNAME record.'),
  acceptsDns('dns-01-of-any-value', 'dns-01-wrong-values', 'dns-01 takes any value.'),
  acceptsDns('dns-01-at-any-name', 'dns-01-elsewhere', 'dns-01 takes the value at the host itself.'),
  acceptsDns('dns-01-without-name', 'dns-01-name-error', 'dns-01 succeeds where the name does not exist.'),
  acceptsDns(
    'dns-01-without-answer',
    'dns-01-server-failure',
    'dns-01 succeeds where the name server fails.',
    'dns-01-name-server-fails',
  ),
  tellsOtherwise(
    'wrong-txt-called-malformed',
    'failed-dns-01-says-unauthorized',
    'Wrong TXT records are told as malformed.',
    'dns-01-wrong-values',
  ),
  tellsOtherwise(
    'failed-query-called-malformed',
    'failed-dns-01-says-dns',
    'A query that failed is told as malformed.',
    'dns-01-name-server-fails',
  ),
  refusesTls('no-tls-alpn-01', 'tls-alpn-01-hello', 'tls-alpn-01 always fails.', 'tls-alpn-01-honest'),
  refusesTls('case-sensitive-names', 'tls-alpn-01-name-in-capitals', 'tls-alpn-01 compares names with their case.'),
  acceptsTls('tls-alpn-01-of-any-key', 'tls-alpn-01-wrong-digest', 'tls-alpn-01 does not compare the digest.'),
  acceptsTls(
    'acme-identifier-need-not-be-critical',
    'tls-alpn-01-extension-not-critical',
    'tls-alpn-01 takes an acmeIdentifier extension that is not critical.',
  ),
  acceptsTls(
    'acme-identifier-not-needed',
    'tls-alpn-01-without-extension',
    'tls-alpn-01 takes a certificate without acmeIdentifier.',
  ),
  acceptsTls('further-names-taken', 'tls-alpn-01-two-names', 'tls-alpn-01 takes a certificate with further names.'),
  acceptsTls('any-name-taken', 'tls-alpn-01-another-name', 'tls-alpn-01 does not look at the name.'),
  acceptsTls('any-protocol-taken', 'tls-alpn-01-no-protocol', 'tls-alpn-01 does not look at what ALPN agreed on.'),
  tellsOtherwise(
    'wrong-digest-called-malformed',
    'failed-tls-alpn-01-says-unauthorized',
    'A wrong digest is told as malformed.',
    'tls-alpn-01-wrong-digest',
  ),
  tellsOtherwise(
    'failed-handshake-called-malformed',
    'failed-tls-alpn-01-says-tls',
    'A TLS handshake that failed is told as malformed.',
    'tls-alpn-01-no-protocol',
  ),
  refusesByCaa('4.2')('own-name-unknown-in-caa', 'caa-permits', 'The CA does not know its own name in CAA records.'),
  ignoresCaa('3')('caa-ignored', 'caa-forbids', 'The CA issues where CAA records permit none.'),
  ignoresCaa('3')('any-issuer-in-caa', 'caa-of-another-issuer', 'Any name in a CAA record permits the CA.'),
  ignoresCaa('3')(
    'no-climb-for-caa',
    'caa-of-the-parent',
    'The CA does not look for CAA records above the name.',
    'below.caa-of-the-parent',
  ),
  ignoresCaa('4.3')('issuewild-ignored', 'caa-wildcard', 'The CA does not heed the property issuewild.'),
  ignoresCaa('4.1')(
    'critical-property-ignored',
    'caa-critical-property',
    'The CA issues although it does not know a critical property.',
  ),
  ignoresCaa('3', 8657)('accounturi-ignored', 'caa-account-uri', 'The CA does not heed accounturi.'),
  ignoresCaa('4', 8657)(
    'validationmethods-ignored',
    'caa-validation-methods',
    'The CA does not heed validationmethods.',
  ),
  refusesByCaa('3', 8657)(
    'parameters-refused',
    'caa-own-account-and-method',
    'The CA refuses where a CAA record has parameters.',
  ),
  tellsOtherwise(
    'caa-called-malformed',
    'refused-by-caa-says-caa',
    'What CAA forbids is told as malformed.',
    'caa-forbids',
  ),
  refusesDraft('no-dns-account-01', 'dns-account-01-validates', 'dns-account-01 is offered and always fails.'),
  acceptsDraft(
    'dns-account-01-of-any-account',
    'dns-account-01-label-of-another-account',
    'dns-account-01 takes the label of any account.',
  ),
  refusesDraft('no-dns-persist-01', 'dns-persist-01-validates', 'dns-persist-01 is offered and always fails.'),
  acceptsDraft(
    'dns-persist-01-of-any-account',
    'dns-persist-01-of-another-account',
    'dns-persist-01 takes the record of any account.',
  ),
  acceptsDraft(
    'dns-persist-01-of-any-issuer',
    'dns-persist-01-of-another-issuer',
    'dns-persist-01 takes a record for any issuer.',
  ),
  acceptsDraft('dns-persist-01-for-ever', 'dns-persist-01-after-its-end', 'dns-persist-01 does not heed persistUntil.'),
];
