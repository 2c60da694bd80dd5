import { actionNames } from '../../evidence/action-names.ts';
import { describeRef, type KubeObject, refOf } from '../../kube/kube-object.ts';
import type { ScenarioContext } from '../context/context.ts';
import { untilChallengeReason } from '../context/waits.ts';

/** cert-manager's first self-check comes at once, the next 10 s later. */
const challengeReasonWithinMs = 45_000;

/** Something that keeps a challenge from being solved, until it is removed. */
interface Misconfiguration {
  /** A file of objects, given by its path, of which those of one kind are applied. */
  readonly file: string;
  readonly kind: string;
  /** What the Challenge must say while it is there. */
  readonly reason: string;
}

/**
 * Applies a misconfiguration, runs what begins an issuance, waits until the Challenge says what is wrong, and removes the
 * misconfiguration.
 *
 * @throws TimeoutError
 */
export async function misconfigureUntilSeen(
  context: ScenarioContext,
  { file, kind, reason }: Misconfiguration,
  issue: () => Promise<void>,
): Promise<void> {
  const objects = (await context.objectsOf(file, {})).filter((object) => object.kind === kind);
  if (objects.length === 0) throw new Error(`${file} has no ${kind}`);
  context.note(actionNames.misconfigure, names(objects));
  await context.applyRead(objects);
  await issue();
  await untilChallengeReason(context, reason, challengeReasonWithinMs);
  for (const object of objects) await context.kube.remove(refOf(object));
  context.note(actionNames.cure, names(objects));
}

function names(objects: readonly KubeObject[]): string {
  return objects.map((object) => describeRef(refOf(object))).join(', ');
}
