import { type AttemptRequest, honest, honestAttempt, seenSince } from '../../client/attempt.ts';
import type { HttpReply } from '../../client/responders.ts';
import { UnmetNeed } from '../../client/session.ts';
import { unreachableAddress } from '../../client/unreachable-address.ts';
import { accept, decision, refuse } from '../../deviations/decide-otherwise.ts';
import { failed } from '../check.ts';
import { group } from '../group.ts';
import { httpOf, keyOfAnother, pathOf, replying } from './http-01-answers.ts';
import { ownNameServer } from './own-name-server.ts';
import { accepts, expectRefused, expectValid, refuses, trial, validOr } from './validation-attempt.ts';

const type = 'http-01';

const common = { rfc: 8555, section: '8.3', profile: 'standard' } as const;

function redirectTo(location: string, status = 302): HttpReply {
  return { status, headers: { location }, body: '' };
}

/** The authority in a URL that leads to a listener here. A port other than the usual one is named. */
function authority(host: string, port: number, usual: number): string {
  return port === usual ? host : `${host}:${port}`;
}

/** The statuses of three redirects in a row. */
const hops = [301, 302, 307] as const;

export const http01 = group(30, 'http-01', {
  runs: 'http-01',
  feature: 'http-01',
  checks: [
    // RFC 8555 section 8.3: The server requests the token over plain HTTP from the host of the identifier.
    {
      ...common,
      id: 'http-01-request',
      level: 'MUST',
      basis: 'statement',
      asserts:
        "The CA validates http-01 by an HTTP request to the identifier's host for /.well-known/acme-challenge/ and the token.",
      async run(session) {
        const made = await honestAttempt(session, type);
        const { host, token, isValid, outcome } = made;
        const http = httpOf(session.responders);
        const seen = seenSince(http.requests(host), made);
        if (!isValid && seen.length === 0) {
          throw new UnmetNeed(`the CA sent no request to port ${http.port} here; the authorization became ${outcome}`);
        }
        const right = seen.filter(({ path, isTls }) => path === pathOf(token) && !isTls);
        const from = [...new Set(right.map((request) => request.from))].join(', ');
        const agents = [...new Set(right.map(({ userAgent }) => userAgent ?? 'no User-Agent'))].join(', ');
        const message = `The CA sent ${seen.length} requests, ${right.length} of them for the token over HTTP, from ${from || 'nowhere'} (${agents || 'no request'}); the authorization became ${outcome}.`;
        // A CA may ask for more than the token, and a redirect of another check may lead to this host.
        return right.length > 0 ? validOr(made, message) : failed(message);
      },
    },
    // RFC 8555 section 8.3: The server follows redirects.
    {
      ...common,
      id: 'http-01-follows-redirects',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The CA follows a redirect to another path.',
      async run(session) {
        const answer: AttemptRequest['answer'] = async (use, to) => {
          const http = httpOf(to.responders);
          use.use(http.put(to.host, pathOf(to.token), redirectTo('/elsewhere')));
          use.use(http.put(to.host, '/elsewhere', { status: 200, body: to.keyAuthorization }));
        };
        return expectValid(await trial(session, { label: this.id, type, answer }), 'A redirect (302) to /elsewhere');
      },
    },
    // RFC 8555 section 8.3: The server follows redirects, so that a central server can answer for many hosts.
    {
      ...common,
      id: 'http-01-redirect-to-another-host',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The CA follows a redirect to another host.',
      async run(session) {
        const target = session.name('http-01-central');
        const place = authority(target, httpOf(session.responders).port, 80);
        const answer: AttemptRequest['answer'] = async (use, to) => {
          const http = httpOf(to.responders);
          use.use(http.put(to.host, pathOf(to.token), redirectTo(`http://${place}/central`, 301)));
          use.use(http.put(target, '/central', { status: 200, body: to.keyAuthorization }));
        };
        return expectValid(
          await trial(session, { label: this.id, type, answer }),
          `A redirect (301) to http://${place}/central`,
        );
      },
    },
    // RFC 8555 section 8.3: A host that is about to get its first certificate cannot have a trusted one.
    {
      ...common,
      id: 'http-01-redirect-to-untrusted-https',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The CA follows a redirect to https, even to a server without a trusted certificate.',
      async run(session) {
        const { tlsPort } = httpOf(session.responders);
        if (tlsPort === null) throw new UnmetNeed('nothing answers over HTTPS: give --tls-port');
        const answer: AttemptRequest['answer'] = async (use, to) => {
          const http = httpOf(to.responders);
          const location = `https://${authority(to.host, tlsPort, 443)}/over-tls`;
          use.use(http.put(to.host, pathOf(to.token), redirectTo(location, 301)));
          use.use(http.put(to.host, '/over-tls', { status: 200, body: to.keyAuthorization }));
        };
        const found = await trial(session, { label: this.id, type, answer });
        return expectValid(found, `A redirect (301) to https on port ${tlsPort} with a self-signed certificate`);
      },
    },
    // RFC 8555 section 8.3: The server follows redirects.
    {
      ...common,
      id: 'http-01-several-redirects',
      level: 'SHOULD',
      basis: 'keyword',
      profile: 'exhaustive',
      asserts: 'The CA follows several redirects in a row.',
      async run(session) {
        const answer: AttemptRequest['answer'] = async (use, to) => {
          const http = httpOf(to.responders);
          const paths = [pathOf(to.token), '/hop-1', '/hop-2', '/hop-3'];
          for (const [index, status] of hops.entries()) {
            use.use(http.put(to.host, paths[index] ?? '', redirectTo(paths[index + 1] ?? '', status)));
          }
          use.use(http.put(to.host, '/hop-3', { status: 200, body: to.keyAuthorization }));
        };
        return expectValid(
          await trial(session, { label: this.id, type, answer }),
          `Three redirects in a row (${hops.join(', ')})`,
        );
      },
    },
    // RFC 8555 section 8.3: Without a body that has the key authorization, the validation fails.
    {
      ...common,
      id: 'http-01-redirect-loop',
      level: 'MUST',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'A validation that is redirected in a loop fails.',
      run: refuses(
        type,
        'A redirect to the same URL',
        replying(({ token }) => redirectTo(pathOf(token))),
      ),
    },
    // RFC 8555 section 8.3: The server ignores white space at the end of the body.
    {
      ...common,
      id: 'http-01-trailing-newline',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The CA ignores a line end after the key authorization.',
      run: accepts(
        type,
        'A body with CR LF at its end',
        replying((to) => ({ status: 200, body: `${to.keyAuthorization}\r\n` })),
      ),
    },
    // RFC 8555 section 8.3: The server ignores white space at the end of the body.
    {
      ...common,
      id: 'http-01-trailing-space',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The CA ignores spaces and tabs after the key authorization.',
      run: accepts(
        type,
        'A body with spaces and a tab at its end',
        replying((to) => ({ status: 200, body: `${to.keyAuthorization} \t ` })),
      ),
    },
    // RFC 8555 section 8.3: The server compares the body with the key authorization, which has the thumbprint of the
    // account key.
    {
      ...common,
      id: 'http-01-key-of-another-account',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The CA refuses the key authorization of another key.',
      async run(session) {
        return expectRefused(await keyOfAnother(session), 'The right token with the thumbprint of another key');
      },
    },
    // RFC 8555 section 8.3: The body is the key authorization, not just its beginning.
    {
      ...common,
      id: 'http-01-more-than-the-key-authorization',
      level: 'MUST',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'The CA refuses a body that continues after the key authorization.',
      run: refuses(
        type,
        'A body that goes on after the key authorization',
        replying((to) => ({ status: 200, body: `${to.keyAuthorization}.and.more` })),
      ),
    },
    // RFC 8555 section 8.3: The answer must be successful. The body of an error counts for nothing.
    {
      ...common,
      id: 'http-01-not-found',
      level: 'MUST',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'A validation request answered 404 fails, whatever the body is.',
      async run(session) {
        const answer = replying((to) => ({ status: 404, body: to.keyAuthorization }));
        return expectRefused(
          await trial(session, { label: this.id, type, answer }),
          'The key authorization in an answer with status 404',
        );
      },
    },
    // RFC 8555 section 8.3: A host may have several addresses, and the server chooses which to try.
    {
      ...common,
      id: 'http-01-address-fallback',
      level: 'MAY',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: "If a host's IPv6 address does not answer, the CA tries its IPv4 address.",
      async run(session) {
        const dns = ownNameServer(session.responders);
        const addresses = dns.addresses.filter((address) => !address.includes(':'));
        if (addresses.length === 0) throw new UnmetNeed('the probe has no IPv4 address to fall back to');
        const answer: AttemptRequest['answer'] = async (use, to) => {
          use.use(await dns.set(to.host, 'AAAA', [unreachableAddress.ipv6]));
          use.use(await dns.set(to.host, 'A', addresses));
          await honest(type)(use, to);
        };
        const found = await trial(session, { label: this.id, type, answer });
        return expectValid(found, `A host whose IPv6 address ${unreachableAddress.ipv6} does not answer`);
      },
    },
  ],
  deviations: [
    decision(refuse, {
      name: 'no-http-01',
      describes: 'http-01 always fails.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-request',
      label: 'http-01-honest',
    }),
    decision(refuse, {
      name: 'no-redirects',
      describes: 'http-01 follows no redirects.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-follows-redirects',
    }),
    decision(refuse, {
      name: 'no-redirect-to-another-host',
      describes: 'http-01 follows no redirect to another host.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-redirect-to-another-host',
    }),
    decision(refuse, {
      name: 'redirect-needs-trusted-https',
      describes: 'http-01 follows redirects to https only with a trusted certificate.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-redirect-to-untrusted-https',
    }),
    decision(refuse, {
      name: 'one-redirect-only',
      describes: 'http-01 follows one redirect only.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-several-redirects',
    }),
    decision(accept, {
      name: 'redirect-loop-valid',
      describes: 'http-01 succeeds in a redirect loop.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-redirect-loop',
    }),
    decision(refuse, {
      name: 'trailing-newline-refused',
      describes: 'http-01 fails because of a line end after the body.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-trailing-newline',
    }),
    decision(refuse, {
      name: 'trailing-space-refused',
      describes: 'http-01 fails because of spaces after the body.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-trailing-space',
    }),
    decision(accept, {
      name: 'http-01-of-any-key',
      describes: 'http-01 compares only the token.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-key-of-another-account',
    }),
    decision(accept, {
      name: 'http-01-beginning-suffices',
      describes: 'http-01 compares only the beginning of the body.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-more-than-the-key-authorization',
    }),
    decision(accept, {
      name: 'http-01-status-ignored',
      describes: 'http-01 ignores the status of the answer.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-not-found',
    }),
    decision(refuse, {
      name: 'one-address-only',
      describes: 'http-01 tries only one address of a host.',
      rfc: 8555,
      section: '8.3',
      breaks: 'http-01-address-fallback',
    }),
  ],
});
