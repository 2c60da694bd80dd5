import type { KeyObject } from 'node:crypto';
import { field, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { findLeaf } from '../../issuance/recorded-secret.ts';
import { type Check, failed, passed } from '../check.ts';

/** cert-manager's defaults for spec.privateKey: RSA of 2048 bits, ECDSA on P-256. */
const defaultSizes: Readonly<Record<string, number>> = { RSA: 2048, ECDSA: 256 };
const curveSizes: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

export const leafHasTheKeyAsked: Check = {
  id: 'leaf-has-the-key-asked',
  asserts: "The leaf's public key has the algorithm and size that the Certificate's spec.privateKey requests.",
  judge(evidence, issuance) {
    const { certificate } = issuance;
    if (certificate === undefined) return failed('No Certificate was recorded, so the requested key is unknown.');
    const leaf = findLeaf(evidence);
    if (typeof leaf === 'string') return failed(leaf);
    const asked = lastLivingState(certificate)?.object;
    const algorithm = text(asked, 'spec', 'privateKey', 'algorithm') ?? 'RSA';
    const size = field(asked, 'spec', 'privateKey', 'size') ?? defaultSizes[algorithm];
    const wanted = size === undefined ? algorithm : `${algorithm} ${String(size)}`;
    const seen = describeKey(leaf.x509.publicKey);
    if (seen !== wanted) return failed(`${nameOf(certificate)} requests an ${wanted} key, but the leaf has ${seen}.`);
    return passed(`The leaf has the ${seen} key that ${nameOf(certificate)} requests.`);
  },
};

function describeKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'rsa') return `RSA ${details?.modulusLength}`;
  if (type === 'ec') return `ECDSA ${curveSizes[details?.namedCurve ?? ''] ?? details?.namedCurve}`;
  return type === 'ed25519' ? 'Ed25519' : String(type);
}
