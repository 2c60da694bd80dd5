import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { describeCertificate, parseCertificates, pathToRoot } from '../../issuance/x509-chain.ts';
import { type Check, failed, passed } from '../check.ts';
import { unknownRoots } from '../unknown-roots.ts';

/** Trust moves with the root: what was issued before is worth nothing to a client that has the new one alone. */
export const rootOfSecretChanged: Check = {
  id: 'root-of-secret-changed',
  asserts:
    "The chain of the first leaf in the Secret ends at none of the CA's present roots, and that of the last leaf does.",
  judge(evidence) {
    const unknown = unknownRoots(evidence);
    if (unknown) return unknown;
    const leaves = secretLeaves(evidence);
    const [first] = leaves;
    const last = leaves.at(-1);
    if (first === undefined || last === undefined || first === last)
      return failed(`The Secret held ${leaves.length} leaf or leaves one after another, but two are needed.`);
    const roots = parseCertificates(evidence.ca.roots, "the CA's roots");
    const before = parseCertificates(first.chain, 'the first chain of the Secret');
    const after = parseCertificates(last.chain, 'the last chain of the Secret');
    if (typeof roots === 'string') return failed(roots);
    if (typeof before === 'string') return failed(before);
    if (typeof after === 'string') return failed(after);
    const present = roots.map(describeCertificate).join(', ');
    if (pathToRoot(before, roots) !== null)
      return failed(
        `The first chain of the Secret, of ${first.at}, already ends at a root that the CA has now: ${present}.`,
      );
    if (pathToRoot(after, roots) === null)
      return failed(
        `The last chain of the Secret, of ${last.at}, does not end at a root that the CA has now: ${present}.`,
      );
    return passed(
      `The leaf ${first.leaf.serialNumber} ended at a root of before; ${last.leaf.serialNumber} ends at one of ${present}.`,
    );
  },
};
