import { historiesOf, lastLivingState, text } from '../../issuance/recorded-object.ts';
import { describeCertificate } from '../../issuance/x509-chain.ts';
import { type Check, failed, passed } from '../check.ts';
import { unknownRoots } from '../unknown-roots.ts';
import { rootOfSecret } from './chain-in-secret-ends-at-the-cas-root.ts';

export const preferredChainChosen: Check = {
  id: 'preferred-chain-chosen',
  asserts:
    "The CA has several roots, and the chain in the Secret ends at the one that the Issuer's preferredChain names.",
  judge(evidence) {
    const unknown = unknownRoots(evidence);
    if (unknown) return unknown;
    const issuer = historiesOf(evidence.objects, 'cert-manager.io', 'Issuer', evidence.subject.issuer).at(-1);
    const wanted = text(issuer && lastLivingState(issuer)?.object, 'spec', 'acme', 'preferredChain');
    if (wanted === null) return failed('No Issuer with a preferredChain was recorded.');
    if (evidence.ca.roots.length < 2) {
      return failed(`Only one root of the CA is known, so a chain that ends at ${wanted} proves no choice.`);
    }
    const path = rootOfSecret(evidence);
    if (typeof path === 'string') return failed(path);
    const root = path.at(-1);
    if (root === undefined || !root.x509.subject.split('\n').includes(`CN=${wanted}`)) {
      return failed(
        `The Issuer prefers the chain to ${wanted}, but the one in the Secret ends at ${root ? describeCertificate(root) : 'nothing'}; cert-manager falls back to the first chain when the CA offers no such alternate (RFC 8555 section 7.4.2).`,
      );
    }
    return passed(`The chain in the Secret ends at ${describeCertificate(root)}, as the Issuer prefers.`);
  },
};
