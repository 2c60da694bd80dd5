import { type AcmeSession, UnmetNeed } from '../client/session.ts';
import { need } from '../client/solve.ts';
import { type AcmeIdentifierFault, acmeIdentifierCertificate } from '../client/tls-alpn-certificate.ts';
import { type CaCheck, failed, passed } from './check.ts';
import {
  type Attempt,
  type AttemptRequest,
  attempt,
  expectErrorType,
  expectRefused,
  expectValid,
  honestAttempt,
  needSuccess,
  seenSince,
  sharedAttempt,
  type ToAnswer,
} from './validation-attempt.ts';

/** Group 32 of the catalogue, tls-alpn-01, and what group 33 says of it. */

const type = 'tls-alpn-01';
const common = { rfc: 8737, section: '3', group: 32, profile: 'standard', level: 'MUST', basis: 'statement' } as const;
const protocol = 'acme-tls/1';

/** Presents a certificate that is right but for a fault. */
function presenting(
  fault: (to: ToAnswer) => AcmeIdentifierFault & {
    readonly keyAuthorization?: string;
    readonly protocols?: readonly string[];
  },
): AttemptRequest['answer'] {
  return async (use, to) => {
    const { keyAuthorization = to.keyAuthorization, protocols, ...rest } = fault(to);
    const presentation = await acmeIdentifierCertificate(to.host, keyAuthorization, rest);
    const tls = need(to.responders.tlsAlpn, type, '--tls-port');
    use.use(tls.put(to.host, { ...presentation, ...(protocols ? { protocols } : {}) }));
  };
}

async function tried(session: AcmeSession, label: string, answer: AttemptRequest['answer']): Promise<Attempt> {
  await needSuccess(session, type);
  return attempt(session, { label, type, answer });
}

const wrongDigest = sharedAttempt({
  label: 'tls-alpn-01-wrong-digest',
  type,
  answer: presenting(({ token }) => ({ keyAuthorization: `${token}.${'A'.repeat(43)}` })),
});

const noProtocol = sharedAttempt({
  label: 'tls-alpn-01-no-protocol',
  type,
  answer: presenting(() => ({ protocols: ['http/1.1'] })),
});

export const tlsAlpn01Checks: readonly CaCheck[] = [
  {
    ...common,
    id: 'tls-alpn-01-hello',
    basis: 'keyword',
    asserts: `The CA offers ${protocol} alone by ALPN, and the identifier as SNI.`,
    async run(session) {
      const made = await honestAttempt(session, type);
      const { host, isValid, outcome } = made;
      const tls = need(session.responders.tlsAlpn, type, '--tls-port');
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
    async run(session) {
      const answer = presenting(({ host }) => ({ names: [host.toUpperCase()] }));
      return expectValid(await tried(session, this.id, answer), 'A certificate with the name in capitals');
    },
  },
  {
    ...common,
    id: 'tls-alpn-01-wrong-digest',
    asserts: 'A certificate with the digest of another key authorization is refused.',
    async run(session) {
      await needSuccess(session, type);
      return expectRefused(await wrongDigest(session), 'The digest of the key authorization of another key');
    },
  },
  {
    ...common,
    id: 'tls-alpn-01-extension-not-critical',
    asserts: 'A certificate whose acmeIdentifier extension is not critical is refused.',
    async run(session) {
      const answer = presenting(() => ({ extension: 'not critical' }));
      return expectRefused(await tried(session, this.id, answer), 'An acmeIdentifier extension that is not critical');
    },
  },
  {
    ...common,
    id: 'tls-alpn-01-without-extension',
    profile: 'exhaustive',
    asserts: 'A certificate without an acmeIdentifier extension is refused.',
    async run(session) {
      const answer = presenting(() => ({ extension: 'absent' }));
      return expectRefused(await tried(session, this.id, answer), 'A certificate without acmeIdentifier');
    },
  },
  {
    ...common,
    id: 'tls-alpn-01-two-names',
    asserts: 'A certificate with a second name beside the identifier is refused.',
    async run(session) {
      const answer = presenting(({ host }) => ({ names: [host, `second.${host}`] }));
      return expectRefused(await tried(session, this.id, answer), 'A certificate with a second name');
    },
  },
  {
    ...common,
    id: 'tls-alpn-01-another-name',
    profile: 'exhaustive',
    asserts: 'A certificate for another name than the identifier is refused.',
    async run(session) {
      const answer = presenting(({ host }) => ({ names: [`another.${host}`] }));
      return expectRefused(await tried(session, this.id, answer), 'A certificate for another name');
    },
  },
  {
    ...common,
    id: 'tls-alpn-01-no-protocol',
    asserts: `A server that does not agree on ${protocol} is refused.`,
    async run(session) {
      await needSuccess(session, type);
      return expectRefused(await noProtocol(session), 'A server that speaks http/1.1 alone');
    },
  },
  {
    ...common,
    id: 'failed-tls-alpn-01-says-unauthorized',
    ...{ rfc: 8555, section: '6.7', group: 33, level: 'SHOULD', profile: 'exhaustive' },
    asserts: 'A certificate with a wrong digest is told by the error unauthorized or incorrectResponse.',
    async run(session) {
      await needSuccess(session, type);
      const types = ['unauthorized', 'incorrectResponse'];
      return expectErrorType(await wrongDigest(session), 'A wrong digest', types);
    },
  },
  {
    ...common,
    id: 'failed-tls-alpn-01-says-tls',
    ...{ rfc: 8555, section: '6.7', group: 33, level: 'SHOULD', profile: 'exhaustive' },
    asserts: 'A TLS handshake that failed is told by the error tls.',
    async run(session) {
      await needSuccess(session, type);
      return expectErrorType(await noProtocol(session), 'A fatal no_application_protocol alert', ['tls']);
    },
  },
];
