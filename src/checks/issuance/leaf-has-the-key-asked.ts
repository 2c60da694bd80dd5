import type { KeyObject } from 'node:crypto';
import { field, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { findLeaf } from '../../issuance/recorded-secret.ts';
import { type Check, failed, passed } from '../check.ts';

/** cert-manager's defaults for spec.privateKey: RSA of 2048 bits, ECDSA on P-256. */
const defaultSizes: Readonly<Record<string, number>> = { RSA: 2048, ECDSA: 256 };
const curveSizes: Readonly<Record<string, number>> = { prime256v1: 256, secp384r1: 384, secp521r1: 521 };

export const leafHasTheKeyAsked: Check = {
  id: 'leaf-has-the-key-asked',
  asserts: "The leaf's public key is of the algorithm and size of the Certificate's spec.privateKey.",
  judge(evidence, issuance) {
    const { certificate } = issuance;
    if (certificate === undefined) return failed('No Certificate was recorded, so no key was asked for.');
    const leaf = findLeaf(evidence);
    if (typeof leaf === 'string') return failed(leaf);
    const asked = lastLivingState(certificate)?.object;
    const algorithm = text(asked, 'spec', 'privateKey', 'algorithm') ?? 'RSA';
    const size = field(asked, 'spec', 'privateKey', 'size') ?? defaultSizes[algorithm];
    const wanted = size === undefined ? algorithm : `${algorithm} ${String(size)}`;
    const seen = describeKey(leaf.x509.publicKey);
    if (seen !== wanted) return failed(`${nameOf(certificate)} asks for a key ${wanted}, but the leaf has ${seen}.`);
    return passed(`The leaf has the key ${seen} that ${nameOf(certificate)} asks for.`);
  },
};

function describeKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'rsa') return `RSA ${details?.modulusLength}`;
  if (type === 'ec') return `ECDSA ${curveSizes[details?.namedCurve ?? ''] ?? details?.namedCurve}`;
  return type === 'ed25519' ? 'Ed25519' : String(type);
}
