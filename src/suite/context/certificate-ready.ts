import { conditionsOf, isTrue } from '../../kube/conditions.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { type Predicate, predicateOn } from '../../kube/until.ts';

/**
 * A Certificate that is Ready and is not being issued. It is both where cert-manager did not see the new Secret at once and issues
 * a second time (docs/upstream/cert-manager-issues-twice.md); its solver is back then. Throws, with the CA's words, as soon as the Certificate says that its Order errored, as it does
 * if the CA rejects the order: cert-manager retries it only after an hour.
 */
export function certificateReady(name: string): Predicate<KubeObject> {
  const ready = predicateOn('Certificate', name, (object) => isTrue(object, 'Ready') && !isTrue(object, 'Issuing'));
  const { concerns = () => true } = ready;
  const predicate = (certificates: readonly KubeObject[]) => {
    const found = ready(certificates);
    if (found !== undefined) return found;
    const [words] = certificates.filter(concerns).flatMap(errorOfOrder);
    if (words !== undefined) throw new Error(`The Order of Certificate ${name} errored: ${words}`);
    return undefined;
  };
  return Object.assign(predicate, { concerns });
}

/** cert-manager repeats the Order's reason in the condition Issuing. */
function errorOfOrder(certificate: KubeObject): readonly string[] {
  const issuing = conditionsOf(certificate).find(({ type }) => type === 'Issuing');
  if (issuing?.status !== 'False' || issuing.reason !== 'Failed') return [];
  const [, words] = /order is in "errored" state: (.*)$/s.exec(issuing.message ?? '') ?? [];
  return words === undefined ? [] : [words];
}
