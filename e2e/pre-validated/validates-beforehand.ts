import { jsonObject, links } from '../../src/acme/client/answer.ts';
import { readUntil } from '../../src/acme/client/authorization.ts';
import { finalize, readyOrder } from '../../src/acme/client/issuance.ts';
import type { Responders } from '../../src/acme/client/responders.ts';
import { AcmeSession } from '../../src/acme/client/session.ts';
import { type HttpAnswer, HttpsTransport } from '../../src/acme/client/transport.ts';
import { type JsonObject, withFields } from '../../src/acme/deviations/answer-change.ts';
import type { Conversation } from '../../src/acme/deviations/conversation.ts';
import type { Deviation } from '../../src/acme/deviations/deviation.ts';
import { readSigned } from '../../src/acme/deviations/signed-request.ts';

/** Of the order that the front makes in place of the client. */
const taken = ['notBefore', 'notAfter', 'profile'] as const;

/** The CA behind asks nobody. */
const presentNothing: Responders = {
  http: null,
  tlsAlpn: null,
  dns: {
    isOwn: true,
    addresses: [],
    set: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    fail: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    queries: () => [],
  },
};

/**
 * A CA that has validated every name before, as one that validates domains in its portal: authorizations are valid at once and
 * show no challenge, so that orders are ready at once (RFC 8555 section 7.1.6). The CA behind, which must take any response for
 * valid, knows nothing of that. So the front orders the certificate of its clients there with an account of its own, with the CSR of
 * the client.
 *
 * @param behind the directory and the PEM root of the CA behind
 */
export function validatesBeforehand(behind: { directoryUrl: string; trustedRoots: string }): Deviation {
  const { directoryUrl, trustedRoots } = behind;
  const session = new AcmeSession({
    ...{ directoryUrl, transport: new HttpsTransport({ trustedRoots }), userAgent: 'padlock (front)', domain: 'test' },
    ...{ responders: presentNothing, maxRequests: Number.POSITIVE_INFINITY },
  });
  /** What clients asked for, by the URL of their order. */
  const asked = new Map<string, JsonObject>();
  /** The URL of the certificate, by that of the order. */
  const issued = new Map<string, string>();
  /** The PEM text and the links of certificates and alternate chains, by their URLs here. */
  const downloads = new Map<string, { readonly body: string; readonly link: readonly string[] }>();

  async function issue(order: string, csr: unknown): Promise<void> {
    const fields = asked.get(order) ?? {};
    const names = (fields.identifiers as readonly { value: string }[]).map(({ value }) => value);
    const orderFields = Object.fromEntries(taken.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
    const ready = await readyOrder(session, { label: 'front', names, orderFields });
    await finalize(session, ready, Buffer.from(String(csr), 'base64url'));
    const { account, url } = ready;
    const isValid = (_: HttpAnswer, { status }: JsonObject) => status === 'valid';
    const valid = await readUntil(session, { account, url, what: 'a valid order' }, isValid);
    const download = await session.read(account, String(jsonObject(valid)?.certificate));
    const alternates = links(download, 'alternate');
    const texts = [
      download.body,
      ...(await Promise.all(alternates.map(async (url) => (await session.read(account, url)).body))),
    ];
    const urls = texts.map((_, index) => `${order}/certificate/${index}`);
    for (const [index, body] of texts.entries()) {
      const others = urls.filter((_, other) => other !== index).map((url) => `<${url}>;rel="alternate"`);
      downloads.set(urls[index] ?? '', { body, link: others });
    }
    issued.set(order, urls[0] ?? '');
  }

  function stateOf(order: string): JsonObject {
    const certificate = issued.get(order);
    return certificate === undefined ? { status: 'ready' } : { status: 'valid', certificate };
  }

  async function finalized(order: string, csr: unknown, conversation: Conversation) {
    await issue(order, csr);
    const known = jsonObject((await conversation.lastGoodAgain(order)) ?? { status: 200, headers: {}, body: '{}' });
    return conversation.answer(200, { ...known, ...stateOf(order) }, { location: [order] });
  }

  return {
    ...{ name: 'validates-beforehand', rfc: 8555, section: '7.1.6', breaks: [] },
    describes: 'Every name is validated before its order, and authorizations show no challenge.',
    async apply(request, forward, conversation) {
      const download = downloads.get(request.url);
      if (download !== undefined) {
        const answer = await conversation.answer(200, {}, { 'content-type': ['application/pem-certificate-chain'] });
        const link = [...(answer.headers.link ?? []), ...download.link];
        return { ...answer, headers: { ...answer.headers, link }, body: download.body };
      }
      const { fields = {} } = readSigned(request) ?? {};
      const orderOf = conversation.parentOf(request.url);
      const answer = await forward(request);
      if (conversation.isFor(request, 'newOrder') && answer.status === 201) {
        const [order = ''] = answer.headers.location ?? [];
        asked.set(order, fields);
        return withFields(answer, stateOf(order));
      }
      if (conversation.isFor(request, 'order') && answer.status === 200)
        return withFields(answer, stateOf(request.url));
      if (conversation.isFor(request, 'authorization') && answer.status === 200) {
        return withFields(answer, { status: 'valid', challenges: [] });
      }
      if (conversation.isFor(request, 'finalize') && orderOf !== undefined)
        return finalized(orderOf, fields.csr, conversation);
      return answer;
    },
  };
}
