import type { Conformance } from '../../acme/runner/conformance.ts';
import { changeInWords } from '../../acme/runner/expectations.ts';
import { annotationCommands } from '../github-annotations.ts';

/**
 * What `padlock ca` found, as workflow commands of GitHub Actions: an error for the early end of a run, and for each violated
 * MUST, or with expectations for each verdict that differs from them; a warning for what could not be judged.
 */
export function conformanceAnnotations({ checks, gate, error, problems }: Conformance): string[] {
  const title = (id: string) => `Padlock: ${id}`;
  const found =
    gate === null || gate === undefined
      ? checks
          .filter(({ verdict }) => verdict === 'failed')
          .map(({ id, rfc, section, message }) => ({
            title: title(id),
            message: `RFC ${rfc} section ${section}: ${message}`,
          }))
      : gate.changes.map((change) => ({ title: title(change.check), message: changeInWords(change) }));
  return annotationCommands(
    [...(error === null ? [] : [{ title: 'Padlock: the run ended early', message: error }]), ...found],
    problems.map((message) => ({ title: 'Padlock: not everything was judged', message })),
  );
}
