import { UnmetNeed } from '../../client/session.ts';
import { accept, decision, refuse } from '../../deviations/decide-otherwise.ts';
import { failed, passed } from '../check.ts';
import { group } from '../group.ts';
import { noProtocol, presenting, tlsOf, wrongDigest } from './tls-alpn-01-answers.ts';
import { accepts, expectRefused, honestAttempt, refuses, seenSince } from './validation-attempt.ts';

const type = 'tls-alpn-01';

const common = { rfc: 8737, section: '3', profile: 'standard', level: 'MUST', basis: 'statement' } as const;

const protocol = 'acme-tls/1';

export const tlsAlpn01 = group(32, 'tls-alpn-01', {
  runs: 'tls-alpn-01',
  checks: [
    {
      ...common,
      id: 'tls-alpn-01-hello',
      basis: 'keyword',
      asserts: `The CA offers ${protocol} alone by ALPN, and the identifier as SNI.`,
      async run(session) {
        const made = await honestAttempt(session, type);
        const { host, isValid, outcome } = made;
        const tls = tlsOf(session.responders);
        const seen = seenSince(tls.hellos(host), made);
        if (!isValid && seen.length === 0) {
          throw new UnmetNeed(`no client hello for ${host} came to port ${tls.port} here; it became ${outcome}`);
        }
        const right = seen.filter(({ protocols }) => protocols.length === 1 && protocols[0] === protocol);
        const offers = [...new Set(seen.map(({ protocols }) => protocols.join(', ') || 'nothing'))].join('; ');
        const message = `${seen.length} client hellos for ${host} offered ${offers || 'nothing'}; the authorization became ${outcome}.`;
        return (isValid && seen.length > 0 && right.length === seen.length ? passed : failed)(message);
      },
    },
    {
      ...common,
      id: 'tls-alpn-01-name-in-capitals',
      basis: 'keyword',
      profile: 'exhaustive',
      asserts: 'The name in the certificate is compared without regard to case.',
      run: accepts(
        type,
        'A certificate with the name in capitals',
        presenting(({ host }) => ({ names: [host.toUpperCase()] })),
      ),
    },
    {
      ...common,
      id: 'tls-alpn-01-wrong-digest',
      asserts: 'A certificate with the digest of another key authorization is refused.',
      async run(session) {
        return expectRefused(await wrongDigest(session), 'The digest of the key authorization of another key');
      },
    },
    {
      ...common,
      id: 'tls-alpn-01-extension-not-critical',
      asserts: 'A certificate whose acmeIdentifier extension is not critical is refused.',
      run: refuses(
        type,
        'An acmeIdentifier extension that is not critical',
        presenting(() => ({ extension: 'not critical' })),
      ),
    },
    {
      ...common,
      id: 'tls-alpn-01-without-extension',
      profile: 'exhaustive',
      asserts: 'A certificate without an acmeIdentifier extension is refused.',
      run: refuses(
        type,
        'A certificate without acmeIdentifier',
        presenting(() => ({ extension: 'absent' })),
      ),
    },
    {
      ...common,
      id: 'tls-alpn-01-two-names',
      asserts: 'A certificate with a second name beside the identifier is refused.',
      run: refuses(
        type,
        'A certificate with a second name',
        presenting(({ host }) => ({ names: [host, `second.${host}`] })),
      ),
    },
    {
      ...common,
      id: 'tls-alpn-01-another-name',
      profile: 'exhaustive',
      asserts: 'A certificate for another name than the identifier is refused.',
      run: refuses(
        type,
        'A certificate for another name',
        presenting(({ host }) => ({ names: [`another.${host}`] })),
      ),
    },
    {
      ...common,
      id: 'tls-alpn-01-no-protocol',
      asserts: `A server that does not agree on ${protocol} is refused.`,
      async run(session) {
        return expectRefused(await noProtocol(session), 'A server that speaks http/1.1 alone');
      },
    },
  ],
  deviations: [
    decision(refuse, {
      name: 'no-tls-alpn-01',
      describes: 'tls-alpn-01 always fails.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-hello',
      label: 'tls-alpn-01-honest',
    }),
    decision(refuse, {
      name: 'case-sensitive-names',
      describes: 'tls-alpn-01 compares names with their case.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-name-in-capitals',
    }),
    decision(accept, {
      name: 'tls-alpn-01-of-any-key',
      describes: 'tls-alpn-01 does not compare the digest.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-wrong-digest',
    }),
    decision(accept, {
      name: 'acme-identifier-need-not-be-critical',
      describes: 'tls-alpn-01 takes an acmeIdentifier extension that is not critical.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-extension-not-critical',
    }),
    decision(accept, {
      name: 'acme-identifier-not-needed',
      describes: 'tls-alpn-01 takes a certificate without acmeIdentifier.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-without-extension',
    }),
    decision(accept, {
      name: 'further-names-taken',
      describes: 'tls-alpn-01 takes a certificate with further names.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-two-names',
    }),
    decision(accept, {
      name: 'any-name-taken',
      describes: 'tls-alpn-01 does not look at the name.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-another-name',
    }),
    decision(accept, {
      name: 'any-protocol-taken',
      describes: 'tls-alpn-01 does not look at what ALPN agreed on.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-no-protocol',
    }),
  ],
});
