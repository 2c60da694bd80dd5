import { formatDuration } from '../../issuance/duration.ts';
import { type RecoveryKind, recoveryOf } from '../../issuance/recovery.ts';
import { type Check, failed, passed } from '../check.ts';

/** From the best to the worst. */
const kinds: readonly RecoveryKind[] = ['by-itself', 'after-back-off', 'by-a-person', 'not'];
const words: Readonly<Record<RecoveryKind, string>> = {
  'by-itself': 'without anybody doing anything',
  'after-back-off': 'once a person had asked for it again; cert-manager itself would have tried an hour later',
  'by-a-person': 'once a person had put it right',
  not: 'not at all',
};

/** A failure that is over must not need a person, except where the scenario says that it does. */
export const recoversByItself: Check = {
  id: 'recovers-by-itself',
  asserts:
    'After a part had failed for a while during a renewal, the renewal completed without anybody doing anything, or at least as the scenario expects.',
  judge(evidence) {
    const recovery = recoveryOf(evidence);
    if (recovery === null) return failed('The evidence has no failure that began and ended.');
    const { failure, beganAt, endedAt, kind, afterEndMs, said, cure } = recovery;
    const expected = evidence.subject.expects?.recovery ?? 'by-itself';
    const lasted = `${failure}. It lasted ${formatDuration(Date.parse(endedAt) - Date.parse(beganAt))}`;
    const meanwhile = said === null ? '' : ` cert-manager said: ${said.replace(/\.$/, '')}.`;
    if (afterEndMs === null) {
      const waited = formatDuration(Date.parse(evidence.scenario.endedAt) - Date.parse(endedAt));
      return failed(`${lasted}, and ${waited} after its end nothing was renewed.${meanwhile}`);
    }
    const when = afterEndMs === 0 ? 'while it lasted' : `${formatDuration(afterEndMs)} after its end`;
    const how = `${lasted}; the Certificate was renewed ${when}, ${words[kind]}${cure === null ? '' : ` (${cure})`}.${meanwhile}`;
    return kinds.indexOf(kind) <= kinds.indexOf(expected) ? passed(how) : failed(how);
  },
};
