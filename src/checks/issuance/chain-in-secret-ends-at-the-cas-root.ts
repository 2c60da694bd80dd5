import type { Evidence } from '../../evidence/evidence.ts';
import { findSecret } from '../../issuance/recorded-secret.ts';
import {
  describeCertificate,
  type ParsedCertificate,
  parseCertificates,
  pathToRoot,
} from '../../issuance/x509-chain.ts';
import { type Check, failed, passed } from '../check.ts';
import { unknownRoots } from '../unknown-roots.ts';

/** For an issuance that nothing serves: verifies the chain as a client would, against the CA's roots and not the Secret's. */
export const chainInSecretEndsAtTheCasRoot: Check = {
  id: 'chain-in-secret-ends-at-the-cas-root',
  asserts: "The chain in the Secret ends at one of the CA's roots.",
  judge(evidence) {
    const unknown = unknownRoots(evidence);
    if (unknown) return unknown;
    const found = rootOfSecret(evidence);
    if (typeof found === 'string') return failed(found);
    return passed(`The chain in the Secret is ${found.map(describeCertificate).join(' → ')}.`);
  },
};

/** The path from the Secret's leaf to a root of the CA, or a sentence that explains why there is no path. */
export function rootOfSecret(evidence: Evidence): readonly ParsedCertificate[] | string {
  const secret = findSecret(evidence);
  if (typeof secret === 'string') return secret;
  const chain = parseCertificates(secret.facts.certificates, `tls.crt of ${secret.name}`);
  if (typeof chain === 'string') return chain;
  const roots = parseCertificates(evidence.ca.roots, "the CA's roots");
  if (typeof roots === 'string') return roots;
  const path = pathToRoot(chain, roots);
  if (path !== null) return path;
  return `The chain in ${secret.name} does not end at a root of the CA: it is ${chain.map(describeCertificate).join(' → ') || 'empty'}; the CA's roots are ${roots.map(describeCertificate).join(', ')}.`;
}
