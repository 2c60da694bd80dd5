import { type AcmeSession, UnmetNeed } from '../client/session.ts';
import { need } from '../client/solve.ts';
import { unreachableAddress } from '../client/unreachable-address.ts';
import type { HttpReply, HttpResponder } from '../responders/responders.ts';
import { type CaCheck, failed, passed } from './check.ts';
import { ownNameServer } from './own-name-server.ts';
import {
  type Attempt,
  type AttemptRequest,
  attempt,
  expectErrorType,
  expectRefused,
  expectValid,
  honest,
  honestAttempt,
  needSuccess,
  seenSince,
  sharedAttempt,
  type ToAnswer,
} from './validation-attempt.ts';

/** Group 30 of the catalogue, http-01, and what group 33 says of it. */

const type = 'http-01';
const common = { rfc: 8555, section: '8.3', group: 30, profile: 'standard' } as const;

const httpOf = (responders: ToAnswer['responders']): HttpResponder => need(responders.http, type, '--http-port');
/** RFC 8555 section 8.3. */
const pathOf = (token: string) => `/.well-known/acme-challenge/${token}`;

/** Answers the request for the key authorization in some way. */
function replying(reply: (to: ToAnswer) => HttpReply): AttemptRequest['answer'] {
  return async (use, to) => {
    use.use(httpOf(to.responders).put(to.host, pathOf(to.token), reply(to)));
  };
}

function redirectTo(location: string, status = 302): HttpReply {
  return { status, headers: { location }, body: '' };
}

/** Where the CA reached the responder: a listener that is not on the port that RFCs have is named by its port. */
function authority(host: string, port: number, usual: number): string {
  return port === usual ? host : `${host}:${port}`;
}

async function tried(session: AcmeSession, label: string, answer: AttemptRequest['answer']): Promise<Attempt> {
  await needSuccess(session, type);
  return attempt(session, { label, type, answer });
}

const keyOfAnother = sharedAttempt({
  label: 'http-01-key-of-another-account',
  type,
  // The thumbprint of a key is 32 bytes in base64url: this one is of no key that anyone has.
  answer: replying(({ token }) => ({ status: 200, body: `${token}.${'A'.repeat(43)}` })),
});

/** Three answers that lead on, each with another status. */
const hops = [301, 302, 307] as const;

export const http01Checks: readonly CaCheck[] = [
  {
    ...common,
    id: 'http-01-request',
    level: 'MUST',
    basis: 'statement',
    asserts:
      'http-01 is validated by a request to the host of the identifier for the token below /.well-known/acme-challenge/, over HTTP.',
    async run(session) {
      const made = await honestAttempt(session, type);
      const { host, token, isValid, outcome } = made;
      const http = httpOf(session.responders);
      const seen = seenSince(http.requests(host), made);
      if (!isValid && seen.length === 0) {
        throw new UnmetNeed(`no request of the CA came to port ${http.port} here; the authorization became ${outcome}`);
      }
      const right = seen.filter(({ path, isTls }) => path === pathOf(token) && !isTls);
      const from = [...new Set(right.map((request) => request.from))].join(', ');
      const agents = [...new Set(right.map(({ userAgent }) => userAgent ?? 'no User-Agent'))].join(', ');
      const message = `${right.length} of ${seen.length} requests were for that, from ${from || 'nowhere'} (${agents || 'no request'}); the authorization became ${outcome}.`;
      return (isValid && right.length > 0 && right.length === seen.length ? passed : failed)(message);
    },
  },
  {
    ...common,
    id: 'http-01-follows-redirects',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'A redirect to another path is followed.',
    async run(session) {
      const answer: AttemptRequest['answer'] = async (use, to) => {
        const http = httpOf(to.responders);
        use.use(http.put(to.host, pathOf(to.token), redirectTo('/elsewhere')));
        use.use(http.put(to.host, '/elsewhere', { status: 200, body: to.keyAuthorization }));
      };
      return expectValid(await tried(session, this.id, answer), 'A redirect (302) to /elsewhere');
    },
  },
  {
    ...common,
    id: 'http-01-redirect-to-another-host',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'A redirect to another host is followed: the answer may come from a central server.',
    async run(session) {
      const target = session.name('http-01-central');
      const place = authority(target, httpOf(session.responders).port, 80);
      const answer: AttemptRequest['answer'] = async (use, to) => {
        const http = httpOf(to.responders);
        use.use(http.put(to.host, pathOf(to.token), redirectTo(`http://${place}/central`, 301)));
        use.use(http.put(target, '/central', { status: 200, body: to.keyAuthorization }));
      };
      return expectValid(await tried(session, this.id, answer), `A redirect (301) to http://${place}/central`);
    },
  },
  {
    ...common,
    id: 'http-01-redirect-to-untrusted-https',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'A redirect to https is followed also where nobody trusts the certificate: it is not there yet.',
    async run(session) {
      const { tlsPort } = httpOf(session.responders);
      if (tlsPort === null) throw new UnmetNeed('nothing answers over HTTPS: give --https-port');
      const answer: AttemptRequest['answer'] = async (use, to) => {
        const http = httpOf(to.responders);
        const location = `https://${authority(to.host, tlsPort, 443)}/over-tls`;
        use.use(http.put(to.host, pathOf(to.token), redirectTo(location, 301)));
        use.use(http.put(to.host, '/over-tls', { status: 200, body: to.keyAuthorization }));
      };
      const found = await tried(session, this.id, answer);
      return expectValid(found, `A redirect (301) to https on port ${tlsPort} with a self-signed certificate`);
    },
  },
  {
    ...common,
    id: 'http-01-several-redirects',
    level: 'SHOULD',
    basis: 'keyword',
    profile: 'exhaustive',
    asserts: 'Several redirects in a row are followed.',
    async run(session) {
      const answer: AttemptRequest['answer'] = async (use, to) => {
        const http = httpOf(to.responders);
        const paths = [pathOf(to.token), '/hop-1', '/hop-2', '/hop-3'];
        for (const [index, status] of hops.entries()) {
          use.use(http.put(to.host, paths[index] ?? '', redirectTo(paths[index + 1] ?? '', status)));
        }
        use.use(http.put(to.host, '/hop-3', { status: 200, body: to.keyAuthorization }));
      };
      return expectValid(await tried(session, this.id, answer), `Three redirects in a row (${hops.join(', ')})`);
    },
  },
  {
    ...common,
    id: 'http-01-redirect-loop',
    level: 'MUST',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'A validation that is redirected in a circle fails.',
    async run(session) {
      const answer = replying(({ token }) => redirectTo(pathOf(token)));
      return expectRefused(await tried(session, this.id, answer), 'A redirect to the same URL');
    },
  },
  {
    ...common,
    id: 'http-01-trailing-newline',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'A line end at the end of the body is ignored.',
    async run(session) {
      const answer = replying((to) => ({ status: 200, body: `${to.keyAuthorization}\r\n` }));
      return expectValid(await tried(session, this.id, answer), 'A body with CR LF at its end');
    },
  },
  {
    ...common,
    id: 'http-01-trailing-space',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'Spaces and tabs at the end of the body are ignored, as all white space is.',
    async run(session) {
      const answer = replying((to) => ({ status: 200, body: `${to.keyAuthorization} \t ` }));
      return expectValid(await tried(session, this.id, answer), 'A body with spaces and a tab at its end');
    },
  },
  {
    ...common,
    id: 'http-01-key-of-another-account',
    level: 'MUST',
    basis: 'statement',
    asserts: 'The key authorization of another key is refused.',
    async run(session) {
      await needSuccess(session, type);
      return expectRefused(await keyOfAnother(session), 'The right token with the thumbprint of another key');
    },
  },
  {
    ...common,
    id: 'http-01-more-than-the-key-authorization',
    level: 'MUST',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'A body that only begins with the key authorization is refused.',
    async run(session) {
      const answer = replying((to) => ({ status: 200, body: `${to.keyAuthorization}.and.more` }));
      return expectRefused(await tried(session, this.id, answer), 'A body that goes on after the key authorization');
    },
  },
  {
    ...common,
    id: 'http-01-not-found',
    level: 'MUST',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'A request that is answered 404 fails the validation, whatever its body is.',
    async run(session) {
      const answer = replying((to) => ({ status: 404, body: to.keyAuthorization }));
      return expectRefused(await tried(session, this.id, answer), 'The key authorization in an answer with status 404');
    },
  },
  {
    ...common,
    id: 'http-01-address-fallback',
    level: 'MAY',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'Where the IPv6 address of a host does not answer, its IPv4 address is tried.',
    async run(session) {
      const dns = ownNameServer(session.responders);
      const addresses = dns.addresses.filter((address) => !address.includes(':'));
      if (addresses.length === 0) throw new UnmetNeed('the probe has no IPv4 address to fall back to');
      const answer: AttemptRequest['answer'] = async (use, to) => {
        use.use(await dns.set(to.host, 'AAAA', [unreachableAddress.ipv6]));
        use.use(await dns.set(to.host, 'A', addresses));
        await honest(type)(use, to);
      };
      const found = await tried(session, this.id, answer);
      return expectValid(found, `A host whose IPv6 address ${unreachableAddress.ipv6} does not answer`);
    },
  },
  {
    ...common,
    id: 'failed-http-01-says-unauthorized',
    group: 33,
    section: '6.7',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'A wrong key authorization is told by the error unauthorized or incorrectResponse.',
    async run(session) {
      await needSuccess(session, type);
      const types = ['unauthorized', 'incorrectResponse'];
      return expectErrorType(await keyOfAnother(session), 'A wrong key authorization', types);
    },
  },
  {
    ...common,
    id: 'failed-http-01-says-connection',
    group: 33,
    section: '6.7',
    level: 'SHOULD',
    basis: 'statement',
    profile: 'exhaustive',
    asserts: 'A host that cannot be reached is told by the error connection.',
    async run(session) {
      const nowhere = session.options.unreachableAddress ?? unreachableAddress.ipv4;
      const dns = ownNameServer(session.responders);
      const answer: AttemptRequest['answer'] = async (use, to) => {
        use.use(await dns.set(to.host, 'A', [nowhere]));
        use.use(await dns.set(to.host, 'AAAA', []));
      };
      const found = await tried(session, this.id, answer);
      return expectErrorType(found, `A host at ${nowhere}, where nothing is,`, ['connection']);
    },
  },
];
