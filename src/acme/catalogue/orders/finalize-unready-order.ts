import { createCertificateKey, createCertificateRequest } from '../../client/certificate-request.ts';
import { finalize } from '../../client/issuance.ts';
import { type AcmeSession, type Order, UnmetNeed } from '../../client/session.ts';
import type { HttpAnswer } from '../../client/transport.ts';

/** Finalizes an order that is not ready, with a CSR for the name of the label. @throws UnmetNeed without a finalize URL */
export async function finalizeUnreadyOrder(session: AcmeSession, order: Order, label: string): Promise<HttpAnswer> {
  if (!URL.canParse(order.finalize)) throw new UnmetNeed('the order has no finalize URL');
  const csr = await createCertificateRequest(await createCertificateKey(), { names: [session.name(label)] });
  return finalize(session, order, csr);
}
