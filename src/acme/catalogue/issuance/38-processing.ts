import { header, jsonObject, retryAfterSeconds } from '../../client/answer.ts';
import { reachOf, workingType } from '../../client/attempt.ts';
import { TookTooLong } from '../../client/authorization.ts';
import { sharedIssuance } from '../../client/issuance.ts';
import { Busy, UnmetNeed } from '../../client/session.ts';
import { NoAnswerError } from '../../client/transport.ts';
import { withHeader, withJson, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { expectThat, failed, passed, skipped, standard, warned } from '../check.ts';
import { group } from '../group.ts';

export const processing = group(38, 'Processing', {
  runs: 'issuance',
  checks: [
    // RFC 8555 section 7.4: When the requirements are fulfilled, finalize leads to a certificate.
    {
      ...standard,
      id: 'honest-order-is-issued',
      section: '7.4',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The CA finalizes an order whose requirements are fulfilled, and issues its certificate.',
      async run(session) {
        // Without responders and orders, the check says nothing about the CA.
        session.needIssuance();
        await session.order();
        // Where nothing of the CA arrived, that is a fact about the way from the CA to the probe.
        if (session.options.isPreValidated !== true && !(await reachOf(session)).isRefused) await workingType(session);
        try {
          const { chain, names, validOrder } = await sharedIssuance(session);
          const seen = `The order of ${names.join(', ')} is ${JSON.stringify(jsonObject(validOrder)?.status)}`;
          return expectThat(chain.length > 0, `${seen}. The download has ${chain.length} certificates.`);
        } catch (error) {
          if (!(error instanceof UnmetNeed)) throw error;
          if (error instanceof Busy) throw error;
          const { working, reasons } = session.options.isPreValidated
            ? { working: [null], reasons: [] }
            : await reachOf(session);
          if (working.length === 0) return failed(`The CA did not issue. ${reasons.join('. ')}.`);
          const isStuck = error.message.includes('an order that is ready');
          const seen = `The CA did not issue: ${error.message.replace(/\.$/, '')}${isStuck ? ' (cert-manager issues 2868 and 5602)' : ''}.`;
          // A CA may take longer than a run waits, and neither silence nor a server error is a refusal.
          const isInconclusive =
            error instanceof TookTooLong || error.cause instanceof NoAnswerError || (error.status ?? 0) >= 500;
          return (isInconclusive ? warned : failed)(seen);
        }
      },
    },
    // RFC 8555 section 7.4: The answer to finalize is the order, which the server now processes.
    {
      ...standard,
      id: 'finalize-answer',
      section: '7.4',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The CA answers an accepted finalize with 200 and the order, which is processing or valid.',
      async run(session) {
        const { finalized } = await sharedIssuance(session);
        const status = jsonObject(finalized)?.status;
        const right = finalized.status === 200 && (status === 'processing' || status === 'valid');
        return expectThat(right, `The CA answered ${finalized.status}, status ${JSON.stringify(status ?? null)}.`);
      },
    },
    // RFC 8555 section 7.4: The example of the answer has the order URL in Location. Some clients poll that URL.
    {
      ...standard,
      id: 'finalize-answer-has-location',
      section: '7.4',
      level: 'SHOULD',
      basis: 'statement',
      asserts: "The answer to finalize has the order's URL in Location.",
      async run(session) {
        const { finalized, order } = await sharedIssuance(session);
        const location = header(finalized, 'location');
        const right = location === order.url;
        const known = " (golang/go issue 73504: Go's ACME client, which cert-manager uses, polls that URL)";
        return expectThat(right, `Location is ${location ?? 'absent'}${right ? '' : known}.`);
      },
    },
    // RFC 8555 section 7.4: While the order is processing, Retry-After tells the client when to ask again.
    {
      ...standard,
      id: 'processing-says-when-to-come-back',
      section: '7.4',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'If finalize is answered with a processing order, Retry-After says when to ask again.',
      async run(session) {
        const { finalized } = await sharedIssuance(session);
        const status = jsonObject(finalized)?.status;
        if (status !== 'processing') return skipped(`the order was ${JSON.stringify(status)} at once`);
        const value = header(finalized, 'retry-after');
        const seconds = retryAfterSeconds(finalized);
        if (value === undefined) return failed('The answer has no Retry-After (cert-manager issue 5062).');
        if (seconds === null) return failed(`Retry-After is neither seconds nor a date: ${JSON.stringify(value)}.`);
        return passed(`Retry-After is ${JSON.stringify(value)}.`);
      },
    },
    // RFC 8555 section 7.1.3: A valid order has the URL of its certificate. Its identifiers do not change.
    {
      ...standard,
      id: 'valid-order-names-its-certificate',
      section: '7.1.3',
      level: 'MUST',
      basis: 'statement',
      asserts: 'A valid order has the URL of its certificate and the same identifiers as before.',
      async run(session) {
        const { validOrder, certificateUrl, names } = await sharedIssuance(session);
        const { identifiers } = jsonObject(validOrder) ?? {};
        const values = Array.isArray(identifiers)
          ? identifiers.map(({ value }: { value?: unknown }) => String(value).toLowerCase())
          : [];
        const right = values.toSorted().join(' ') === names.toSorted().join(' ');
        return expectThat(right, `certificate is ${certificateUrl}, and the identifiers are ${values.join(', ')}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'order-processes-for-ever',
      describes: 'An order never gets beyond processing.',
      rfc: 8555,
      section: '7.4',
      breaks: ['honest-order-is-issued'],
      apply: changeAnswers(['order', 'finalize'], (answer) =>
        withJson(withHeader(answer, 'retry-after', '15'), ({ certificate: _, ...order }) =>
          order.status === 'valid' ? { ...order, status: 'processing' } : order,
        ),
      ),
    },
    {
      name: 'finalize-answered-201',
      describes: 'finalize is answered 201.',
      rfc: 8555,
      section: '7.4',
      breaks: ['finalize-answer'],
      apply: changeAnswers(['finalize'], (answer) => ({ ...answer, status: 201 })),
    },
    {
      name: 'finalize-without-location',
      describes: "The answer to finalize has no Location with the order's URL.",
      rfc: 8555,
      section: '7.4',
      breaks: ['finalize-answer-has-location'],
      apply: changeAnswers(['finalize'], (answer) => withoutHeader(answer, 'location')),
    },
    {
      name: 'processing-without-retry-after',
      describes: 'The answer to finalize with a processing order has no Retry-After.',
      rfc: 8555,
      section: '7.4',
      breaks: ['processing-says-when-to-come-back'],
      apply: changeAnswers(['finalize'], (answer) => withoutHeader(answer, 'retry-after')),
    },
    {
      name: 'valid-order-with-other-identifiers',
      describes: 'A valid order has other identifiers than before.',
      rfc: 8555,
      section: '7.1.3',
      breaks: ['valid-order-names-its-certificate'],
      apply: changeAnswers(['order'], (answer) =>
        withJson(answer, (order) =>
          order.status === 'valid' ? { ...order, identifiers: [{ type: 'dns', value: 'other.example' }] } : order,
        ),
      ),
    },
  ],
});
