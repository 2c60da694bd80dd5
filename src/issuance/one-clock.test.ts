import { beforeEach, describe, expect, test } from 'vitest';
import {
  after,
  goodEvidence,
  host,
  logEntry,
  put,
  recorded,
  recordedHttpProbe,
} from '../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { probeNames } from '../evidence/probe-names.ts';
import { challengeRequestsOf } from './challenge-requests.ts';
import { onOneClock } from './one-clock.ts';
import { phasesOf } from './phases.ts';
import { readIssuance } from './reading.ts';
import { timelineOf } from './timeline.ts';

let evidence: Evidence;

beforeEach(async () => {
  evidence = await goodEvidence();
  // Two probes that ask the same are no measure: of these fixtures only the probe of the challenge path is one.
  for (const probe of evidence.probes) if (probe.kind === 'http') probe.url = probe.url.replace(/\/get\?.*$/, '/get');
  for (const entry of evidence.accessLog) entry.path = entry.path.replace(/^\/get\?.*$/, '/get');
  put(recorded(evidence, 'Pod'), ['status', 'conditions'], [{ type: 'Ready', status: 'True' }]);
  // Just in the middle of its probe, so that an offset is measured without an error.
  firstEntry().at = after(1.02);
  // One probe whose request the access log shows, so that a test knows what measured the clock.
  evidence.probes = evidence.probes.filter(
    ({ kind, name }) => kind !== 'http' || name === probeNames.challengePathBefore,
  );
});

function firstEntry() {
  const [entry] = evidence.accessLog;
  if (entry === undefined) throw new Error('the fixture has no access log');
  return entry;
}

/** Sets the gateway's clock ahead, or behind with a negative number. */
function setGatewayClock(offsetMs: number): void {
  for (const entry of evidence.accessLog) entry.at = new Date(Date.parse(entry.at) + offsetMs).toISOString();
}

/** Adds a probe of a path of its own, and how it appears in the access log. */
function addProbe(path: string, sentAt: number, loggedAt: number, durationMs: number): void {
  const probe = structuredClone(recordedHttpProbe(evidence, 'challenge-path-before'));
  evidence.probes.push({
    ...probe,
    name: `probe-of-${path}`,
    url: `http://${host}${path}`,
    at: after(sentAt),
    durationMs,
  });
  evidence.accessLog.push(logEntry(loggedAt, { path }));
}

const gatewaySentence = () => onOneClock(evidence).clocks.at(-1);

describe.each([
  [
    5_000,
    "The gateway's clock is 5000 ms ahead of this machine's (4979 to 5021 ms from 1 of our probes); its times are corrected.",
  ],
  [
    -3_000,
    "The gateway's clock is 3000 ms behind this machine's (2979 to 3021 ms from 1 of our probes); its times are corrected.",
  ],
])('a gateway whose clock is off by %i ms', (offsetMs, sentence) => {
  test('is measured by a probe, and what it logged is put on our clock', () => {
    const before = structuredClone(evidence);
    setGatewayClock(offsetMs);
    expect(gatewaySentence()).toBe(sentence);
    expect(onOneClock(evidence).evidence).toEqual(before);
  });

  test('does not change what is derived', () => {
    const [phases, events, requests] = [
      phasesOf(readIssuance(evidence)),
      timelineOf(readIssuance(evidence)).events,
      challengeRequestsOf(readIssuance(evidence)),
    ];
    expect(phases).toHaveLength(10);
    setGatewayClock(offsetMs);
    expect(phasesOf(readIssuance(evidence))).toEqual(phases);
    expect(timelineOf(readIssuance(evidence)).events).toEqual(events);
    expect(challengeRequestsOf(readIssuance(evidence))).toEqual(requests);
  });

  test('leaves the evidence that was given as it was', () => {
    setGatewayClock(offsetMs);
    const given = structuredClone(evidence);
    onOneClock(evidence);
    expect(evidence).toEqual(given);
  });
});

test('each probe makes the bounds narrower', () => {
  setGatewayClock(5_000);
  addProbe('/narrow', 2, 7.004, 6);
  addProbe('/wide', 3, 8.5, 900);
  expect(gatewaySentence()).toBe(
    "The gateway's clock is 5001 ms ahead of this machine's (4997 to 5005 ms from 3 of our probes); its times are corrected.",
  );
});

test('bounds that contain 0 leave the times alone', () => {
  expect(onOneClock(evidence).evidence).toBe(evidence);
  expect(gatewaySentence()).toBe(
    "The gateway's clock agrees with this machine's: its offset is -21 to 21 ms (from 1 of our probes).",
  );
});

test.each([
  ['in the last millisecond of its answer', 1.041],
  ['in the millisecond in which it was sent', 1],
])('a request logged %s is no offset, since both clocks cut off', (_, loggedAt) => {
  firstEntry().at = after(loggedAt);
  expect(onOneClock(evidence).evidence).toBe(evidence);
  expect(gatewaySentence()).toContain("agrees with this machine's");
});

test('probes that contradict each other leave the times alone', () => {
  setGatewayClock(5_000);
  addProbe('/after-it-was-set', 20, 20.002, 4);
  expect(onOneClock(evidence).evidence).toBe(evidence);
  expect(gatewaySentence()).toBe(
    "2 of our probes contradict each other about the gateway's clock, so it was probably set meanwhile; its times are not corrected.",
  );
});

describe('a probe that says nothing about the clock', () => {
  const none =
    "The access log shows none of our probes, so the gateway's clock is assumed to agree with this machine's.";

  beforeEach(() => setGatewayClock(5_000));

  function expectNothingMeasured(): void {
    expect(gatewaySentence()).toBe(none);
    expect(onOneClock(evidence).evidence).toBe(evidence);
  }

  test('is absent', () => {
    evidence.probes = [];
    expectNothingMeasured();
  });

  test('is not in the log', () => {
    evidence.accessLog = evidence.accessLog.slice(1);
    expectNothingMeasured();
  });

  test('is in the log twice', () => {
    evidence.accessLog.push({ ...firstEntry(), at: after(9) });
    expectNothingMeasured();
  });

  test('asked what another asked too, of which only one is in the log', () => {
    const probe = recordedHttpProbe(evidence, 'challenge-path-before');
    evidence.probes.push({ ...probe, at: after(6), outcome: { error: 'no answer within 5 s', code: null } });
    expectNothingMeasured();
  });

  test('got no answer', () => {
    recordedHttpProbe(evidence, 'challenge-path-before').outcome = { error: 'read ECONNRESET', code: 'ECONNRESET' };
    expectNothingMeasured();
  });

  test('asked another host', () => {
    firstEntry().authority = 'other.example.test';
    expectNothingMeasured();
  });

  test('has no URL', () => {
    recordedHttpProbe(evidence, 'challenge-path-before').url = 'nowhere';
    expectNothingMeasured();
  });
});

test('a probe of another port than the default one is found under its host and port', () => {
  setGatewayClock(5_000);
  recordedHttpProbe(evidence, 'challenge-path-before').url =
    `http://${host}:8080/.well-known/acme-challenge/padlock-probe`;
  firstEntry().authority = `${host}:8080`;
  expect(gatewaySentence()).toContain('5000 ms ahead');
});

test('it is told of every clock that the evidence has times of', () => {
  const watches = "Times of objects are when their watch event arrived, on this machine's clock.";
  expect(onOneClock(evidence).clocks).toEqual([
    watches,
    "The CA's log has whole seconds, so its times are not used.",
    expect.stringContaining("The gateway's clock agrees"),
  ]);
  evidence.ca.log = [];
  evidence.accessLog = [];
  expect(onOneClock(evidence).clocks).toEqual([watches, 'The gateway logged no request.']);
});
