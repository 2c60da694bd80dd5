import { conditionsOf } from '../../kube/conditions.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { conditionTrue, type Predicate } from '../../kube/until.ts';

/**
 * A Certificate that is Ready. Throws, with the CA's words, as soon as the Certificate says that its Order errored, as it does
 * if the CA rejects the order: cert-manager retries it only after an hour.
 */
export function certificateReady(name: string): Predicate<KubeObject> {
  const ready = conditionTrue('Certificate', name, 'Ready');
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
