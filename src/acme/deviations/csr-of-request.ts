import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { HttpRequest } from '../client/transport.ts';
import { readSigned } from './signed-request.ts';

/** The CSR of a finalize; null if the request has none that can be read. */
export function csrOf(request: HttpRequest): x509.Pkcs10CertificateRequest | null {
  const { csr } = readSigned(request)?.fields ?? {};
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(String(csr), 'base64url'));
  } catch {
    return null;
  }
}
