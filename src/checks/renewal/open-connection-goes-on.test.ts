import { expect, test } from 'vitest';
import { after, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { keptOpen, recordedOpenConnection, renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { noHandshakeFailed } from './no-handshake-failed.ts';
import { openConnectionGoesOn } from './open-connection-goes-on.ts';

const among = [openConnectionGoesOn, noHandshakeFailed];

describeCheck(openConnectionGoesOn, renewalEvidence, among, [
  {
    name: 'there is none',
    mutate: (evidence) => void evidence.probes.pop(),
    says: ['no open connection'],
  },
  {
    name: 'it could not be opened',
    mutate(evidence) {
      recordedOpenConnection(evidence).outcome = { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
    },
    says: ['could not be opened: connect ECONNREFUSED (ECONNREFUSED).'],
  },
  {
    name: 'the gateway ends it with the renewal',
    mutate(evidence) {
      keptOpen(evidence).closed = { at: after(45), how: 'GOAWAY with error code 0' };
    },
    says: ['was ended at 2026-11-24T09:00:45.000Z: GOAWAY with error code 0.'],
  },
  {
    name: 'a request gets no answer',
    mutate(evidence) {
      const run = {
        since: after(69),
        until: after(70),
        count: 1,
        error: 'no answer within 5000 ms',
        code: 'PROBE_TIMEOUT',
      };
      keptOpen(evidence).runs.push(run);
    },
    says: ['failed: no answer within 5000 ms (PROBE_TIMEOUT).'],
  },
  {
    name: 'the certificate did not change meanwhile',
    mutate: (evidence) => void recorded(evidence, 'Secret').states.splice(1),
    says: ['did not change while the connection was open'],
  },
]);

test('an error of the application behind the gateway is told, and is no fault of the connection', async () => {
  const evidence = await renewalEvidence();
  keptOpen(evidence).runs.push({ since: after(69), until: after(70), count: 3, status: 503 });
  const verdict = verdictOf(openConnectionGoesOn, evidence);
  expect(verdict.result).toBe('passed');
  expect(verdict.message).toContain('were answered, 3 with 503.');
});
