import type { AttemptRequest, ToAnswer } from '../../client/attempt.ts';
import { need } from '../../client/present.ts';
import type { Responders, TlsAlpnResponder } from '../../client/responders.ts';
import { type AcmeIdentifierFault, acmeIdentifierCertificate } from '../../client/tls-alpn-certificate.ts';
import { sharedTrial } from './validation-attempt.ts';

/** @throws UnmetNeed if no TLS responder runs */
export const tlsOf = (responders: Responders): TlsAlpnResponder =>
  need(responders.tlsAlpn, 'tls-alpn-01', '--tls-port');

type PresentationFault = AcmeIdentifierFault & {
  readonly keyAuthorization?: string;
  readonly protocols?: readonly string[];
};

/** Presents a certificate that is right except for a fault. */
export function presenting(fault: (to: ToAnswer) => PresentationFault): AttemptRequest['answer'] {
  return async (use, to) => {
    const { keyAuthorization = to.keyAuthorization, protocols, ...rest } = fault(to);
    const presentation = await acmeIdentifierCertificate(to.host, keyAuthorization, rest);
    use.use(tlsOf(to.responders).put(to.host, { ...presentation, ...(protocols ? { protocols } : {}) }));
  };
}

/** The digest of the key authorization of another key. */
export const wrongDigest = sharedTrial({
  label: 'tls-alpn-01-wrong-digest',
  type: 'tls-alpn-01',
  answer: presenting(({ token }) => ({ keyAuthorization: `${token}.${'A'.repeat(43)}` })),
});

/** A server that does not know the protocol acme-tls/1. */
export const noProtocol = sharedTrial({
  label: 'tls-alpn-01-no-protocol',
  type: 'tls-alpn-01',
  answer: presenting(() => ({ protocols: ['http/1.1'] })),
});
