import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { type Issued, leafOf } from './issuance.ts';

/** What a certificate says about its subject. */

export function commonNameOf({ subjectName }: x509.X509Certificate): string | undefined {
  return subjectName.getField('CN')[0];
}

/** The DNS names and IP addresses of the subjectAltName extension, in lower case. */
export function namesOf(certificate: x509.X509Certificate): readonly string[] {
  const extension = certificate.getExtension(x509.SubjectAlternativeNameExtension);
  return (extension?.names.items ?? []).map(({ value }) => value.toLowerCase());
}

/** Whether it may sign certificates (RFC 5280 section 4.2.1.9). */
export function isCa(certificate: x509.X509Certificate): boolean {
  return certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true;
}

/** The end-entity certificate at any place of the chain. Another check judges that it comes first. */
export function endEntityOf(issued: Issued): x509.X509Certificate {
  return issued.chain.find((certificate) => !isCa(certificate)) ?? leafOf(issued);
}
