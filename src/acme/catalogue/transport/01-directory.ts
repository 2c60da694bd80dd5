import { errorType, header, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import type { HttpRequest } from '../../client/transport.ts';
import { asProblem, withFields } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, failed, readOnly, skipped, standard } from '../check.ts';
import { group } from '../group.ts';

const resourceNames = ['newNonce', 'newAccount', 'newOrder', 'revokeCert', 'keyChange'] as const;

function isPostAsGet(request: HttpRequest): boolean {
  return readSigned(request)?.payload === '';
}

export const directory = group(1, 'Directory', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 7.1: A client finds every other resource through the directory, and newNonce is the first that
    // it needs.
    {
      ...readOnly,
      id: 'directory-is-served',
      section: '7.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The directory answers GET with a JSON object that names newNonce.',
      async run(session) {
        const answer = await session.directoryAnswer();
        const url = jsonObject(answer)?.newNonce;
        const right = answer.status === 200 && typeof url === 'string' && URL.canParse(url);
        return expectThat(right, `The CA answered ${answer.status}, and newNonce is ${JSON.stringify(url ?? null)}.`);
      },
    },
    // RFC 8555 section 7.1.1: The directory lists the URL of each resource. Clients need these five.
    {
      ...readOnly,
      id: 'directory-names-every-resource',
      section: '7.1.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: `The directory has the URLs of ${resourceNames.join(', ')}.`,
      async run(session) {
        const directory = jsonObject(await session.directoryAnswer());
        const missing = resourceNames.filter((name) => {
          const url = directory?.[name];
          return typeof url !== 'string' || !URL.canParse(url);
        });
        return expectThat(
          missing.length === 0,
          missing.length === 0
            ? `The directory names ${resourceNames.join(', ')}.`
            : `The directory lacks ${missing.join(', ')}.`,
        );
      },
    },
    // RFC 8555 section 6.1: Client and server talk over HTTPS only.
    {
      ...readOnly,
      id: 'directory-urls-are-https',
      section: '6.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Every URL of the directory is an https URL.',
      async run(session) {
        if (!session.options.directoryUrl.startsWith('https:'))
          return skipped('the directory itself is at a plain http URL on loopback');
        const directory = jsonObject(await session.directoryAnswer()) ?? {};
        const plain = Object.entries(directory).filter(([, url]) => typeof url === 'string' && url.startsWith('http:'));
        return expectThat(
          plain.length === 0,
          plain.length === 0
            ? `The directory has no http URL among ${Object.keys(directory).join(', ')}.`
            : `Plain http: ${plain.map(([name, url]) => `${name} is ${String(url)}`).join(', ')}.`,
        );
      },
    },
    // RFC 8555 section 7.1.1: The optional field meta is an object with metadata of the service.
    {
      ...readOnly,
      id: 'directory-meta-is-an-object',
      section: '7.1.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: "The directory's field meta, if present, is a JSON object.",
      async run(session) {
        const directory = jsonObject(await session.directoryAnswer());
        if (directory?.meta === undefined) return skipped('the directory has no meta');
        const right = typeof directory.meta === 'object' && directory.meta !== null && !Array.isArray(directory.meta);
        return expectThat(right, `meta is ${JSON.stringify(directory.meta)}.`);
      },
    },
    // RFC 8555 section 7.1.1: A server without pre-authorization leaves newAuthz out of its directory.
    {
      ...standard,
      id: 'new-authz-is-there-if-named',
      feature: 'pre-authorization',
      section: '7.1.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'If the directory names newAuthz, the CA offers pre-authorization there.',
      async run(session) {
        const url = jsonObject(await session.directoryAnswer())?.newAuthz;
        if (url === undefined) return skipped('the directory names no newAuthz');
        if (typeof url !== 'string' || !URL.canParse(url)) return failed(`newAuthz is ${JSON.stringify(url)}.`);
        const account = await session.account();
        const payload = { identifier: { type: 'dns', value: session.name('pre-authorized') } };
        const answer = await session.post({ url, by: account, payload, repeats: true });
        // A server may refuse this name, and does so with an error of ACME.
        const seen = `The CA answered newAuthz with ${inWords(answer)}.`;
        return [404, 405, 501].includes(answer.status) ? failed(seen) : expectThat(answer.status < 500, seen, answer);
      },
    },
    // RFC 8555 section 7.4.1: An identifier for which the server does not issue is refused with 403.
    {
      ...standard,
      id: 'new-authz-of-unknown-type',
      feature: 'pre-authorization',
      section: '7.4.1',
      level: 'SHOULD',
      basis: 'keyword',
      asserts:
        'The CA answers newAuthz for an identifier of an unknown type with 403, or with unsupportedIdentifier (6.7).',
      async run(session) {
        const url = await session.resource('newAuthz');
        const payload = { identifier: { type: 'padlock-unknown', value: session.name('pre-authorized') } };
        const answer = await session.post({ url, by: await session.account(), payload });
        if ([404, 405, 501].includes(answer.status)) return skipped(`nothing is at newAuthz: ${inWords(answer)}`);
        const right = answer.status === 403 || errorType(answer) === 'unsupportedIdentifier';
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 6.3: The directory allows plain GET in addition to POST-as-GET, not instead of it.
    {
      ...standard,
      id: 'directory-by-post-as-get',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The directory also answers POST-as-GET.',
      async run(session) {
        const answer = await session.read(await session.account(), session.options.directoryUrl);
        const right = answer.status === 200 && jsonObject(answer)?.newNonce !== undefined;
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 6.3: newNonce, too, allows plain GET in addition to POST-as-GET.
    {
      ...standard,
      id: 'new-nonce-by-post-as-get',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newNonce answers POST-as-GET with a nonce, as it does GET.',
      async run(session) {
        const answer = await session.read(await session.account(), await session.resource('newNonce'));
        const right = succeeded(answer) && header(answer, 'replay-nonce') !== undefined;
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
  ],
  deviations: [
    {
      name: 'directory-without-new-nonce',
      describes: 'The directory has no newNonce.',
      rfc: 8555,
      section: '7.1.1',
      breaks: ['directory-is-served', 'directory-names-every-resource'],
      apply: changeAnswers(['directory'], (answer) => withFields(answer, { newNonce: undefined })),
    },
    {
      name: 'directory-without-key-change',
      describes: 'The directory has no keyChange.',
      rfc: 8555,
      section: '7.1.1',
      breaks: ['directory-names-every-resource'],
      apply: changeAnswers(['directory'], (answer) => withFields(answer, { keyChange: undefined })),
    },
    {
      name: 'directory-with-plain-http',
      describes: 'The directory names a plain http URL.',
      rfc: 8555,
      section: '6.1',
      breaks: ['directory-urls-are-https'],
      apply: changeAnswers(['directory'], (answer, { url }) =>
        withFields(answer, { padlockUnknown: `${new URL('/unknown', url)}`.replace(/^https:/, 'http:') }),
      ),
    },
    {
      name: 'new-authz-named-but-absent',
      describes: 'The directory names newAuthz, and nothing is there.',
      rfc: 8555,
      section: '7.1.1',
      breaks: ['new-authz-is-there-if-named'],
      apply: changeAnswers(['directory'], (answer, { url }) =>
        withFields(answer, { newAuthz: `${new URL('/new-authz', url)}` }),
      ),
    },
    {
      name: 'new-authz-of-any-type',
      describes: 'newAuthz makes an authorization for an identifier of any type.',
      rfc: 8555,
      section: '7.4.1',
      breaks: ['new-authz-of-unknown-type'],
      async apply(request, forward, conversation) {
        const { pathname } = new URL(request.url);
        if (pathname === '/new-authz' && request.method === 'POST') {
          const identifier = readSigned(request)?.fields.identifier;
          const location = [conversation.invent('newOrder', 'authorization')];
          return conversation.answer(201, { status: 'pending', identifier, challenges: [] }, { location });
        }
        const answer = await forward(request);
        return succeeded(answer) && conversation.isFor(request, 'directory')
          ? withFields(answer, { newAuthz: `${new URL('/new-authz', request.url)}` })
          : answer;
      },
    },
    {
      name: 'directory-meta-is-a-string',
      describes: 'The field meta of the directory is a string.',
      rfc: 8555,
      section: '7.1.1',
      breaks: ['directory-meta-is-an-object', 'terms-must-be-agreed'],
      apply: changeAnswers(['directory'], (answer) => withFields(answer, { meta: 'none' })),
    },
    {
      name: 'directory-by-post-refused',
      describes: 'POST-as-GET of the directory is refused.',
      rfc: 8555,
      section: '6.3',
      breaks: ['directory-by-post-as-get'],
      apply: changeAnswers(['directory'], (answer, request) =>
        isPostAsGet(request) ? asProblem(answer, 405, 'malformed') : answer,
      ),
    },
    {
      name: 'new-nonce-by-post-refused',
      describes: 'POST-as-GET of newNonce is refused.',
      rfc: 8555,
      section: '6.3',
      breaks: ['new-nonce-by-post-as-get'],
      apply: changeAnswers(['newNonce'], (answer, request) =>
        isPostAsGet(request) ? asProblem(answer, 405, 'malformed') : answer,
      ),
    },
  ],
});
