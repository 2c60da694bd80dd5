import { after, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { recordedSeries, renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { noHandshakeFailed } from './no-handshake-failed.ts';
import { serialsFollowTheSecret } from './serials-follow-the-secret.ts';

const among = [noHandshakeFailed, serialsFollowTheSecret];

describeCheck(serialsFollowTheSecret, renewalEvidence, among, [
  {
    name: 'the Secret did not change',
    mutate: (evidence) => void recorded(evidence, 'Secret').states.splice(1),
    says: ['no new leaf', 'it had 1 in all'],
  },
  {
    name: 'the last leaf is never served',
    mutate(evidence) {
      const { outcome } = recordedSeries(evidence);
      outcome.runs.pop();
      outcome.leaves.pop();
    },
    says: ['was never served: clients met'],
  },
  {
    name: 'a leaf is served late',
    mutate(evidence) {
      const [, second] = recordedSeries(evidence).outcome.runs;
      if (second !== undefined) second.since = after(51);
    },
    says: ['was first served 6100 ms later'],
  },
  {
    name: 'an older leaf comes back',
    mutate(evidence) {
      const { runs } = recordedSeries(evidence).outcome;
      const [first] = runs;
      if (first !== undefined) runs.push({ ...first, since: after(69), until: after(71), count: 2 });
    },
    says: ['but an older one still at 2026-11-24T09:01:11.000Z'],
  },
]);
