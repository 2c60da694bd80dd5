import { honestAttempt, seenSince } from '../../client/attempt.ts';
import type { SeenTlsConnection } from '../../client/responders.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { accept, decision, refuse } from '../../deviations/decide-otherwise.ts';
import { type CheckFinding, failed, passed } from '../check.ts';
import { group } from '../group.ts';
import { noProtocol, presenting, tlsOf, wrongDigest } from './tls-alpn-01-answers.ts';
import { accepts, expectRefused, refuses, validOr } from './validation-attempt.ts';

const type = 'tls-alpn-01';

const common = { rfc: 8737, section: '3', profile: 'standard', level: 'MUST', basis: 'statement' } as const;

const protocol = 'acme-tls/1';

/** `Immediately` has no number: a machine may be busy, and a CA may close all its connections at once. */
const closesWithinSeconds = 10;

/** The connections of the honest attempt, once they are closed or should be. */
async function connectionsOf(session: AcmeSession): Promise<readonly SeenTlsConnection[]> {
  const made = await honestAttempt(session, type);
  const tls = tlsOf(session.responders);
  const seen = () => seenSince(tls.connections(made.host), made);
  if (seen().length === 0) throw new UnmetNeed(`the CA agreed on ${protocol} in no handshake`);
  for (let waited = 0; waited < closesWithinSeconds && seen().some(({ isClosed }) => !isClosed); waited += 1) {
    await session.waitFor(1);
  }
  return seen();
}

/** RFC 8737 section 4. */
export function judgeData(connections: readonly SeenTlsConnection[]): CheckFinding {
  const received = connections.reduce((sum, one) => sum + one.received, 0);
  return (received === 0 ? passed : failed)(
    `The CA sent ${received} bytes after the handshakes of ${connections.length} connections.`,
  );
}

/** RFC 8737 section 4. */
export function judgeEnds(connections: readonly SeenTlsConnection[]): CheckFinding {
  const open = connections.filter(({ isClosed }) => !isClosed).length;
  return (open === 0 ? passed : failed)(
    `Of ${connections.length} connections the CA had closed ${connections.length - open}.`,
  );
}

export const tlsAlpn01 = group(32, 'tls-alpn-01', {
  runs: 'tls-alpn-01',
  feature: 'tls-alpn-01',
  checks: [
    // RFC 8737 section 3: The client hello offers acme-tls/1 as its only protocol, and the identifier as SNI.
    {
      ...common,
      id: 'tls-alpn-01-hello',
      basis: 'keyword',
      asserts: `The CA offers only ${protocol} by ALPN, and the identifier as SNI.`,
      async run(session) {
        const made = await honestAttempt(session, type);
        const { host, isValid, outcome } = made;
        const tls = tlsOf(session.responders);
        const seen = seenSince(tls.hellos(host), made);
        if (!isValid && seen.length === 0) {
          throw new UnmetNeed(
            `the CA sent no client hello for ${host} to port ${tls.port} here; the authorization became ${outcome}`,
          );
        }
        const right = seen.filter(({ protocols }) => protocols.length === 1 && protocols[0] === protocol);
        const offers = [...new Set(seen.map(({ protocols }) => protocols.join(', ') || 'nothing'))].join('; ');
        const message = `The CA sent ${seen.length} client hellos for ${host}, which offered ${offers || 'nothing'}; the authorization became ${outcome}.`;
        return seen.length > 0 && right.length === seen.length ? validOr(made, message) : failed(message);
      },
    },
    // RFC 8737 section 3: Host names are compared without regard to case.
    {
      ...common,
      id: 'tls-alpn-01-name-in-capitals',
      basis: 'keyword',
      profile: 'exhaustive',
      asserts: 'The CA compares the name in the certificate without regard to case.',
      run: accepts(
        type,
        'A certificate with the name in capitals',
        presenting(({ host }) => ({ names: [host.toUpperCase()] })),
      ),
    },
    // RFC 8737 section 3: acmeIdentifier has the digest of the key authorization.
    {
      ...common,
      id: 'tls-alpn-01-wrong-digest',
      asserts: 'The CA refuses a certificate with the digest of another key authorization.',
      async run(session) {
        return expectRefused(await wrongDigest(session), 'The digest of the key authorization of another key');
      },
    },
    // RFC 8737 section 3: acmeIdentifier is a critical extension.
    {
      ...common,
      id: 'tls-alpn-01-extension-not-critical',
      asserts: 'The CA refuses a certificate whose acmeIdentifier extension is not critical.',
      run: refuses(
        type,
        'An acmeIdentifier extension that is not critical',
        presenting(() => ({ extension: 'not critical' })),
      ),
    },
    // RFC 8737 section 3: Only a certificate with acmeIdentifier is meant for this validation.
    {
      ...common,
      id: 'tls-alpn-01-without-extension',
      profile: 'exhaustive',
      asserts: 'The CA refuses a certificate without an acmeIdentifier extension.',
      run: refuses(
        type,
        'A certificate without acmeIdentifier',
        presenting(() => ({ extension: 'absent' })),
      ),
    },
    // RFC 8737 section 3: The certificate has the identifier as its only name.
    {
      ...common,
      id: 'tls-alpn-01-two-names',
      asserts: 'The CA refuses a certificate with a second name.',
      run: refuses(
        type,
        'A certificate with a second name',
        presenting(({ host }) => ({ names: [host, `second.${host}`] })),
      ),
    },
    // RFC 8737 section 3: The certificate has the identifier as its only name.
    {
      ...common,
      id: 'tls-alpn-01-another-name',
      profile: 'exhaustive',
      asserts: 'The CA refuses a certificate for another name.',
      run: refuses(
        type,
        'A certificate for another name',
        presenting(({ host }) => ({ names: [`another.${host}`] })),
      ),
    },
    // RFC 8737 section 3: The handshake must agree on acme-tls/1.
    {
      ...common,
      id: 'tls-alpn-01-no-protocol',
      asserts: `The CA refuses a server that does not agree on ${protocol}.`,
      async run(session) {
        return expectRefused(await noProtocol(session), 'A server that speaks http/1.1 alone');
      },
    },
    // RFC 8737 section 4: After the handshake the CA exchanges no data.
    {
      ...common,
      id: 'tls-alpn-01-without-data',
      section: '4',
      basis: 'keyword',
      asserts: 'The CA sends no data after the handshake.',
      async run(session) {
        return judgeData(await connectionsOf(session));
      },
    },
    // RFC 8737 section 4: After the handshake the CA closes the connection immediately.
    {
      ...common,
      id: 'tls-alpn-01-closes',
      section: '4',
      basis: 'keyword',
      asserts: `The CA closes the connection after the handshake, at the latest ${closesWithinSeconds} s after the decision.`,
      async run(session) {
        return judgeEnds(await connectionsOf(session));
      },
    },
  ],
  provenByUnitTest: ['tls-alpn-01-without-data', 'tls-alpn-01-closes'],
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
      describes: 'tls-alpn-01 compares names case-sensitively.',
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
      describes: 'tls-alpn-01 accepts an acmeIdentifier extension that is not critical.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-extension-not-critical',
    }),
    decision(accept, {
      name: 'acme-identifier-not-needed',
      describes: 'tls-alpn-01 accepts a certificate without acmeIdentifier.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-without-extension',
    }),
    decision(accept, {
      name: 'further-names-taken',
      describes: 'tls-alpn-01 accepts a certificate with additional names.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-two-names',
    }),
    decision(accept, {
      name: 'any-name-taken',
      describes: 'tls-alpn-01 ignores the name.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-another-name',
    }),
    decision(accept, {
      name: 'any-protocol-taken',
      describes: 'tls-alpn-01 ignores the negotiated protocol.',
      rfc: 8737,
      section: '3',
      breaks: 'tls-alpn-01-no-protocol',
    }),
  ],
});
