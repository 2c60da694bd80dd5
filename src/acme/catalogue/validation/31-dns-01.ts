import { type AttemptRequest, honestAttempt, seenSince } from '../../client/attempt.ts';
import { UnmetNeed } from '../../client/session.ts';
import { accept, decision, refuse } from '../../deviations/decide-otherwise.ts';
import { failed } from '../check.ts';
import { group } from '../group.ts';
import { dnsOf, nameServerFails, rightValue, txt, validationName, wrongValue, wrongValues } from './dns-01-answers.ts';
import { ownNameServer } from './own-name-server.ts';
import { accepts, expectRefused, expectValid, trial, validOr } from './validation-attempt.ts';

const type = 'dns-01';

const common = { rfc: 8555, section: '8.4', profile: 'standard' } as const;

export const dns01 = group(31, 'dns-01', {
  runs: 'dns-01',
  feature: 'dns-01',
  checks: [
    // RFC 8555 section 8.4: The server looks up TXT records at _acme-challenge below the identifier.
    {
      ...common,
      id: 'dns-01-query',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The CA validates dns-01 by a TXT record at _acme-challenge below the identifier.',
      async run(session) {
        const made = await honestAttempt(session, type);
        const { host, isValid, outcome } = made;
        const name = validationName(host);
        const dns = dnsOf(session.responders);
        if (!dns.isOwn) return validOr(made, `With a record made by the hook, the authorization became ${outcome}.`);
        const seen = seenSince(dns.queries(name), made);
        if (!isValid && seen.length === 0) {
          throw new UnmetNeed(
            `the CA sent no query for ${name} to the name server here; the authorization became ${outcome}`,
          );
        }
        const right = seen.filter((query) => query.type === 'TXT');
        const message = `The CA sent ${right.length} queries for the TXT records of ${name}; the authorization became ${outcome}.`;
        return right.length > 0 ? validOr(made, message) : failed(message);
      },
    },
    // RFC 8555 section 8.4: The name may have several TXT records. One of them must match.
    {
      ...common,
      id: 'dns-01-several-values',
      level: 'MUST',
      basis: 'statement',
      asserts: 'One right value among several TXT records is enough.',
      run: accepts(
        type,
        'The right value among two others',
        txt((to) => [wrongValue, rightValue(to), 'another value of somebody else']),
      ),
    },
    // RFC 1034 section 3.6.2: A resolver follows a CNAME record. Delegated validation depends on it.
    {
      ...common,
      id: 'dns-01-alias',
      rfc: 1034,
      section: '3.6.2',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The CA follows a CNAME record at the validation domain name.',
      async run(session) {
        const dns = ownNameServer(session.responders);
        const target = session.name('dns-01-central');
        const answer: AttemptRequest['answer'] = async (use, to) => {
          use.use(await dns.set(validationName(to.host), 'CNAME', [target]));
          use.use(await dns.set(target, 'TXT', [rightValue(to)]));
        };
        return expectValid(
          await trial(session, { label: this.id, type, answer }),
          `A CNAME record that leads to ${target}`,
        );
      },
    },
    // RFC 8555 section 8.4: The value is the digest of the key authorization, and nothing else.
    {
      ...common,
      id: 'dns-01-wrong-values',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The validation fails if no TXT record has the right value.',
      async run(session) {
        return expectRefused(
          await wrongValues(session),
          'The key authorization without its digest, and another digest,',
        );
      },
    },
    // RFC 8555 section 8.4: The server looks at the validation domain name only.
    {
      ...common,
      id: 'dns-01-elsewhere',
      level: 'MUST',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'A right value at another name does not validate.',
      async run(session) {
        const dns = ownNameServer(session.responders);
        const answer: AttemptRequest['answer'] = async (use, to) => {
          use.use(await dns.set(to.host, 'TXT', [rightValue(to)]));
        };
        return expectRefused(
          await trial(session, { label: this.id, type, answer }),
          'The right value at the host itself',
        );
      },
    },
    // RFC 8555 section 8.4: Without a TXT record the validation fails.
    {
      ...common,
      id: 'dns-01-name-error',
      level: 'MUST',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'The validation fails if the validation domain name does not exist.',
      async run(session) {
        const dns = ownNameServer(session.responders);
        const answer: AttemptRequest['answer'] = async (use, { host }) => {
          use.use(await dns.fail(validationName(host), 'NXDOMAIN'));
        };
        return expectRefused(await trial(session, { label: this.id, type, answer }), 'NXDOMAIN');
      },
    },
    // RFC 8555 section 8.4: Without a TXT record the validation fails.
    {
      ...common,
      id: 'dns-01-server-failure',
      level: 'MUST',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'The validation fails if the name server fails.',
      async run(session) {
        return expectRefused(await nameServerFails(session), 'SERVFAIL');
      },
    },
  ],
  deviations: [
    decision(refuse, {
      name: 'no-dns-01',
      describes: 'dns-01 always fails.',
      rfc: 8555,
      section: '8.4',
      breaks: 'dns-01-query',
      label: 'dns-01-honest',
    }),
    decision(refuse, {
      name: 'first-txt-only',
      describes: 'dns-01 looks at only one TXT record.',
      rfc: 8555,
      section: '8.4',
      breaks: 'dns-01-several-values',
    }),
    decision(refuse, {
      name: 'no-aliases',
      describes: 'dns-01 follows no CNAME records.',
      rfc: 1034,
      section: '3.6.2',
      breaks: 'dns-01-alias',
    }),
    decision(accept, {
      name: 'dns-01-of-any-value',
      describes: 'dns-01 accepts any value.',
      rfc: 8555,
      section: '8.4',
      breaks: 'dns-01-wrong-values',
    }),
    decision(accept, {
      name: 'dns-01-at-any-name',
      describes: 'dns-01 accepts the value at the host itself.',
      rfc: 8555,
      section: '8.4',
      breaks: 'dns-01-elsewhere',
    }),
    decision(accept, {
      name: 'dns-01-without-name',
      describes: 'dns-01 succeeds though the name does not exist.',
      rfc: 8555,
      section: '8.4',
      breaks: 'dns-01-name-error',
    }),
    decision(accept, {
      name: 'dns-01-without-answer',
      describes: 'dns-01 succeeds though the name server fails.',
      rfc: 8555,
      section: '8.4',
      breaks: 'dns-01-server-failure',
      label: 'dns-01-name-server-fails',
    }),
  ],
});
