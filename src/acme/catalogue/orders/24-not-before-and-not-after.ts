import { errorType, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { createCertificateKey, createCertificateRequest } from '../../client/certificate-request.ts';
import { endEntityOf } from '../../client/certificate-subject.ts';
import { collect, finalize, readyOrder } from '../../client/issuance.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { withJson } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { acceptOrder, refuseOrder } from '../../deviations/change-new-order.ts';
import { reissueCertificates } from '../../deviations/reissued-certificate.ts';
import { type CheckFinding, expectRefusal, expectThat, failed, standard } from '../check.ts';
import { group } from '../group.ts';

const common = { rfc: 8555, section: '7.4', profile: 'standard' } as const;

/** Any CA that issues for longer than a day can issue for two. cert-manager would renew shorter ones all the time. */
const askedSeconds = 2 * 24 * 3600;

type Dates = Readonly<Partial<Record<'notBefore' | 'notAfter', string>>>;

/** RFC 3339 in whole seconds: certificates have no fractions of them (RFC 5280 section 4.1.2.5). */
function inSeconds(session: AcmeSession, secondsFromNow: number): string {
  return new Date((Math.floor(session.now() / 1000) + secondsFromNow) * 1000).toISOString().replace('.000Z', 'Z');
}

/** Orders a certificate with dates. The CA may also refuse the order. */
async function honouredOrRefused(session: AcmeSession, label: string, dates: Dates): Promise<CheckFinding> {
  // A CA that accepts no orders at all proves nothing by refusing this one.
  const { account } = await session.order();
  const identifiers = [{ type: 'dns', value: session.name(label) }];
  session.needIssuance();
  const tried = await session.newOrder(account, { identifiers, ...dates });
  if (!succeeded(tried)) return expectRefusal(tried, `The CA refused the order: ${inWords(tried)}`);
  const order = await readyOrder(session, { label, orderFields: dates });
  const names = identifiers.map(({ value }) => value);
  const key = await createCertificateKey();
  const csr = await createCertificateRequest(key, { names });
  const finalized = await finalize(session, order, csr);
  if (!succeeded(finalized)) {
    const refusal = `The CA accepted the order and refused to finalize it: ${inWords(finalized)}.`;
    return expectThat(finalized.status < 500, refusal);
  }
  const leaf = endEntityOf(await collect(session, { order, names, key, csr, finalized }));
  const differing = (['notBefore', 'notAfter'] as const).filter((field) => {
    const asked = dates[field];
    return asked !== undefined && Date.parse(asked) !== leaf[field].getTime();
  });
  const got = `from ${leaf.notBefore.toISOString()} to ${leaf.notAfter.toISOString()}`;
  const asked = Object.entries(dates).map(([field, date]) => `${field} ${date}`);
  return expectThat(
    differing.length === 0,
    `The order asked for ${asked.join(', ')}. The certificate is valid ${got}.`,
  );
}

const hourMs = 3_600_000;

export const notBeforeAndNotAfter = group(24, 'notBefore and notAfter', {
  runs: 'certificates of their own',
  feature: 'validity-by-order',
  checks: [
    // RFC 8555 section 7.4: notAfter is an RFC 3339 date. A server refuses an order that it cannot fulfil.
    {
      ...standard,
      id: 'nonsense-date',
      runs: 'orders',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses an order whose notAfter is not a date.',
      async run(session) {
        // A CA that accepts no orders at all proves nothing by refusing this one.
        await session.order();
        const account = await session.account();
        const identifiers = [{ type: 'dns', value: session.name('nonsense') }];
        const answer = await session.newOrder(account, { identifiers, notAfter: 'the day after tomorrow' });
        if (succeeded(answer)) return failed(`The CA accepted it: ${answer.status}.`);
        return expectRefusal(answer);
      },
    },
    // RFC 8555 section 7.4: The certificate has the requested dates, or the server refuses the order.
    {
      ...common,
      id: 'not-after-is-honoured',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The certificate ends at the requested notAfter, or the CA refuses the order.',
      run: (session) => honouredOrRefused(session, 'not-after', { notAfter: inSeconds(session, askedSeconds) }),
    },
    // RFC 8555 section 7.4: The certificate has the requested dates, or the server refuses the order.
    {
      ...common,
      id: 'both-dates-are-honoured',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The certificate has the requested notBefore and notAfter, or the CA refuses the order.',
      run: (session) =>
        honouredOrRefused(session, 'both-dates', {
          notBefore: inSeconds(session, -3600),
          notAfter: inSeconds(session, askedSeconds),
        }),
    },
    // RFC 8555 section 7.4: Both dates are optional.
    {
      ...common,
      id: 'not-after-alone',
      level: 'MAY',
      basis: 'statement',
      asserts: 'The CA accepts an order with notAfter and without notBefore, as cert-manager sends it for a duration.',
      async run(session) {
        const { account } = await session.order();
        const identifiers = [{ type: 'dns', value: session.name('not-after-alone') }];
        const answer = await session.newOrder(account, { identifiers, notAfter: inSeconds(session, askedSeconds) });
        const known = ' (cert-manager issues 3092 and 7536)';
        return expectThat(
          succeeded(answer),
          `The CA answered ${inWords(answer)}${succeeded(answer) ? '' : known}.`,
          answer,
        );
      },
    },
    // RFC 8555 section 7.4: The order reflects the request.
    {
      ...common,
      id: 'order-shows-its-dates',
      level: 'MUST',
      basis: 'statement',
      asserts: 'An order accepted with notAfter shows it.',
      async run(session) {
        const { account } = await session.order();
        const identifiers = [{ type: 'dns', value: session.name('shows-dates') }];
        const notAfter = inSeconds(session, askedSeconds);
        const answer = await session.newOrder(account, { identifiers, notAfter });
        if (!succeeded(answer)) throw new UnmetNeed(`the CA refused the order: ${inWords(answer)}`);
        const shown = jsonObject(answer)?.notAfter;
        const same = typeof shown === 'string' && Date.parse(shown) === Date.parse(notAfter);
        return expectThat(same, `The order asked for notAfter ${notAfter} and shows ${JSON.stringify(shown ?? null)}.`);
      },
    },
    // RFC 8555 section 7.4: A server refuses an order that it cannot fulfil.
    {
      ...common,
      id: 'impossible-dates',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The CA refuses an order for a certificate that ends before it begins.',
      async run(session) {
        const { account } = await session.order();
        const identifiers = [{ type: 'dns', value: session.name('impossible-dates') }];
        const dates = { notBefore: inSeconds(session, askedSeconds), notAfter: inSeconds(session, 3600) };
        const answer = await session.newOrder(account, { identifiers, ...dates });
        return expectRefusal(answer);
      },
    },
  ],
  deviations: [
    {
      name: 'nonsense-date-accepted',
      describes: 'An order whose notAfter is not a date is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['nonsense-date'],
      apply: acceptAnyway(
        ({ fields: { notAfter } }, request, conversation, refusal) =>
          errorType(refusal) !== 'badNonce' &&
          conversation.isFor(request, 'newOrder') &&
          notAfter !== undefined &&
          Number.isNaN(Date.parse(String(notAfter))),
      ),
    },
    {
      name: 'requested-dates-ignored',
      describes: 'Certificates end an hour later than requested.',
      rfc: 8555,
      section: '7.4',
      breaks: ['not-after-is-honoured', 'both-dates-are-honoured'],
      apply: reissueCertificates((leaf) => ({ ...leaf, notAfter: new Date(leaf.notAfter.getTime() + hourMs) })),
    },
    {
      name: 'not-after-alone-refused',
      describes: 'An order with notAfter and without notBefore is refused.',
      rfc: 8555,
      section: '7.4',
      breaks: ['not-after-alone'],
      apply: refuseOrder(
        (_, { notBefore, notAfter }) => notAfter !== undefined && notBefore === undefined,
        [400, 'malformed'],
      ),
    },
    {
      name: 'order-hides-its-dates',
      describes: 'An order accepted with notAfter does not show it.',
      rfc: 8555,
      section: '7.4',
      breaks: ['order-shows-its-dates'],
      apply: changeAnswers(['newOrder', 'order', 'finalize'], (answer) =>
        withJson(answer, ({ notAfter: _, ...order }) => order),
      ),
    },
    {
      name: 'impossible-dates-taken',
      describes: 'An order for a certificate that ends before it begins is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['impossible-dates'],
      apply: acceptOrder((_, { notBefore, notAfter }) => Date.parse(String(notBefore)) > Date.parse(String(notAfter))),
    },
  ],
});
