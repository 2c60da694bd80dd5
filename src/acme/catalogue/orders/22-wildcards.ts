import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { type Authorization, authorizationsOf, challengeOf, decided } from '../../client/authorization.ts';
import { createCertificateKey, createCertificateRequest } from '../../client/certificate-request.ts';
import { namesOf } from '../../client/certificate-subject.ts';
import { collect, finalize, type Issued, leafOf } from '../../client/issuance.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { dns01Value, hostOf, need } from '../../client/present.ts';
import { type AcmeSession, type Order, UnmetNeed } from '../../client/session.ts';
import { withFields } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { changeAuthorizations } from '../../deviations/change-authorizations.ts';
import { expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';

const common = { rfc: 8555, profile: 'standard', level: 'MUST' } as const;

interface WildcardOrder {
  readonly name: string;
  readonly order: Order;
  readonly authorizations: readonly Authorization[];
}

/** An order for a name and its wildcard; once per run. */
const wildcardOrder = oncePerSession(makeWildcardOrder);

async function makeWildcardOrder(session: AcmeSession): Promise<WildcardOrder> {
  const name = session.name('wildcard-and-base');
  const identifiers = [name, `*.${name}`].map((value) => ({ type: 'dns', value }));
  const order = await session.orderOf(await session.account(), { identifiers });
  return { name, order, authorizations: await authorizationsOf(session, order) };
}

/** Both authorizations use the same name for their TXT record (RFC 8555 section 8.4), so it has both values at once. */
async function issueWildcard(session: AcmeSession): Promise<Issued> {
  const dns = need(session.responders.dns, 'dns-01', '--dns or --dns-hook');
  const { name, order, authorizations } = await wildcardOrder(session);
  const { account } = order;
  const challenges = authorizations.map((one) => challengeOf(one, 'dns-01'));
  const values = challenges.map(({ token }) => dns01Value(token, account));
  await using _ = await dns.set(`_acme-challenge.${name}`, 'TXT', values);
  for (const { url } of challenges) await session.post({ url, by: account, payload: {} });
  for (const { url } of authorizations) {
    const { object } = await decided(session, account, url);
    if (object.status !== 'valid') {
      throw new UnmetNeed(`an authorization of ${name} and its wildcard became ${String(object.status)}`);
    }
    session.rememberValid(account, url);
  }
  const names = [name, `*.${name}`];
  const key = await createCertificateKey();
  const csr = await createCertificateRequest(key, { names });
  return collect(session, { order, names, key, csr, finalized: await finalize(session, order, csr) });
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

export const wildcards = group(22, 'Wildcards', {
  runs: 'wildcards',
  feature: 'wildcards',
  checks: [
    // RFC 8555 section 7.1.3: The authorization of a wildcard has the base domain as its identifier, and wildcard true.
    {
      ...standard,
      id: 'wildcard-authorization',
      runs: 'orders',
      section: '7.1.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: "A wildcard's authorization names the base domain and has wildcard true.",
      async run(session) {
        const base = session.name('wild');
        const account = await session.account();
        const answer = await session.newOrder(account, { identifiers: [{ type: 'dns', value: `*.${base}` }] });
        const urls: unknown = jsonObject(answer)?.authorizations;
        const url: unknown = Array.isArray(urls) ? urls[0] : undefined;
        if (!succeeded(answer) || typeof url !== 'string')
          return skipped(`the CA accepted no wildcard order: ${inWords(answer)}`);
        const body = jsonObject(await session.read(account, url));
        const { value } = (body?.identifier ?? {}) as { value?: unknown };
        return expectThat(
          value === base && body?.wildcard === true,
          `The authorization names ${JSON.stringify(value ?? null)}, and wildcard is ${JSON.stringify(body?.wildcard ?? null)}.`,
        );
      },
    },
    // RFC 8555 section 7.1.4: The field wildcard is true for the wildcard and absent for its base domain.
    {
      ...common,
      id: 'wildcard-and-base-domain',
      section: '7.1.4',
      basis: 'keyword',
      asserts:
        "A wildcard and its base domain have one authorization each, and only the wildcard's has the field wildcard.",
      async run(session) {
        const { name, authorizations } = await wildcardOrder(session);
        const wildcards = authorizations.map(({ object }) => object.wildcard);
        const said = authorizations.map((one) => `${hostOf(one)} (wildcard ${one.object.wildcard ?? 'absent'})`);
        const right =
          wildcards.length === 2 &&
          wildcards.includes(true) &&
          wildcards.includes(undefined) &&
          authorizations.every((one) => hostOf(one) === name);
        return expectThat(right, `The authorizations are for ${said.join(' and ')}.`);
      },
    },
    // RFC 8555 section 7.4: The certificate has exactly the identifiers of the order, wildcards included.
    {
      ...common,
      id: 'wildcard-is-issued',
      section: '7.4',
      basis: 'statement',
      asserts: 'A certificate for a name and its wildcard, both validated by dns-01, has both names.',
      async run(session) {
        const issued = await issueWildcard(session);
        const found = namesOf(leafOf(issued));
        const right = found.length === issued.names.length && issued.names.every((one) => found.includes(one));
        return expectThat(right, `The certificate is for ${found.join(', ')}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'wildcard-not-marked',
      describes: "A wildcard's authorization has no field wildcard.",
      rfc: 8555,
      section: '7.1.4',
      breaks: ['wildcard-authorization', 'wildcard-and-base-domain'],
      apply: changeAnswers(['authorization'], (answer) => withFields(answer, { wildcard: undefined })),
    },
    {
      name: 'base-domain-called-wildcard',
      describes: 'With a wildcard and its base domain in one order, both authorizations have wildcard true.',
      rfc: 8555,
      section: '7.1.4',
      breaks: ['wildcard-and-base-domain'],
      apply: changeAuthorizations(
        ({ value }) => String(value).startsWith('wildcard-and-base.'),
        (object) => ({ ...object, wildcard: true }),
      ),
    },
    {
      name: 'wildcard-left-out-of-certificate',
      describes: 'The certificate for a name and its wildcard lacks the wildcard.',
      rfc: 8555,
      section: '7.4',
      breaks: ['wildcard-is-issued'],
      apply: changeAnswers(['certificate'], async (answer, request, conversation) => {
        const order = conversation.lastGood(conversation.parentOf(request.url) ?? '');
        const names = [...(order?.body ?? '').matchAll(/"value":\s*"(wildcard-and-base\.[^"]*)"/g)];
        const [name] = names.map(([, value = '']) => value);
        return name === undefined ? answer : { ...answer, body: await certificateFor(name) };
      }),
    },
  ],
});
