import { createCertificateKey, createCertificateRequest } from '../../client/certificate-request.ts';
import { collect, finalize, type Issued, readyOrder } from '../../client/issuance.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import type { AcmeSession } from '../../client/session.ts';

type Finalized = Pick<Issued, 'order' | 'names' | 'key' | 'csr' | 'finalized'>;

/** An order with two names, finalized with a CSR for an RSA key (cert-manager's default); once per run. */
export const rsaFinalization = oncePerSession((session) => session.shared(finalizeRsa(session)));

async function finalizeRsa(session: AcmeSession): Promise<Finalized> {
  const names = session.names(['rsa', 'rsa-second']);
  const order = await readyOrder(session, { label: 'rsa', names });
  const key = await createCertificateKey('RSA 2048');
  const csr = await createCertificateRequest(key, { names });
  return { order, names, key, csr, finalized: await finalize(session, order, csr) };
}

/** The certificate of that order. One check revokes it. @throws UnmetNeed if the CA accepts no RSA keys */
export const rsaIssuance = oncePerSession(async (session) =>
  session.shared(collect(session, await rsaFinalization(session))),
);
