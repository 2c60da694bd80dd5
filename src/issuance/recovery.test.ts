import { expect, test } from 'vitest';
import { after } from '../checks/testing/evidence-fixture.ts';
import { recordedSeries, renewalEvidence } from '../checks/testing/renewal-evidence-fixture.ts';
import { actionNames } from '../evidence/action-names.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { recoveryOf } from './recovery.ts';

async function evidenceOfFailure(...further: Evidence['actions']): Promise<Evidence> {
  const evidence = await renewalEvidence();
  evidence.actions.push(
    { at: after(35), name: actionNames.failureBegins, detail: 'istiod-down (mesh): istiod does not run' },
    { at: after(37), name: actionNames.failureEnds, detail: 'istiod-down' },
    ...further,
  );
  return evidence;
}

test('evidence without a failure has no recovery', async () => {
  expect(recoveryOf(await renewalEvidence())).toBeNull();
});

test('how it recovered is told by what a person did', async () => {
  expect(recoveryOf(await evidenceOfFailure())).toMatchObject({ kind: 'by-itself', cure: null });
  const asked = { at: after(38), name: actionNames.renew, detail: '' };
  expect(recoveryOf(await evidenceOfFailure(asked))).toMatchObject({ kind: 'after-back-off' });
  const cured = { at: after(38), name: actionNames.cure, detail: 'deleted the Pod' };
  expect(recoveryOf(await evidenceOfFailure(cured))).toMatchObject({ kind: 'by-a-person', cure: 'deleted the Pod' });
});

test('an outage lasts from the last good handshake before it to the first one after it', async () => {
  const evidence = await evidenceOfFailure();
  const { outcome } = recordedSeries(evidence);
  const [first] = outcome.runs;
  if (first === undefined) throw new Error('the fixture has no run');
  const failed = { count: 1, error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
  outcome.runs.splice(
    0,
    outcome.runs.length,
    { ...first, since: after(30), until: after(36) },
    { ...failed, since: after(36.1), until: after(36.1) },
    { ...failed, since: after(36.2), until: after(36.2), error: 'read ECONNRESET' },
    { ...first, since: after(39), until: after(60) },
  );
  outcome.failed = 2;
  expect(recoveryOf(evidence)).toMatchObject({ failedHandshakes: 2, longestOutageMs: 3_000 });
});

test('only requests to the CA from the failure to the renewal count', async () => {
  const evidence = await evidenceOfFailure();
  const line = (at: string, text: string) => ({ at, line: text });
  evidence.ca.log = [
    line(after(10), 'Pebble POST /order-plz -> calling handler()'),
    line(after(36), 'Front POST /order-plz -> 500'),
    line(after(36), 'Pebble something else'),
  ];
  // Without a CA of its own, the requests may be those of others.
  expect(recoveryOf(evidence)?.caRequests).toBeNull();
  evidence.actions.push({ at: after(1), name: actionNames.ca, detail: 'started' });
  expect(recoveryOf(evidence)?.caRequests).toBe(1);
});
