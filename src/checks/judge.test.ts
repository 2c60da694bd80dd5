import { expect, test, vi } from 'vitest';
import { type Evidence, evidenceSchema } from '../evidence/evidence.ts';
import { allChecks, goodPathChecks, missingIngressClassChecks } from './all-checks.ts';
import { type Check, passed } from './check.ts';
import { checksFor, judge } from './judge.ts';
import { forget, goodEvidence, missingIngressClassEvidence } from './testing/evidence-fixture.ts';

const everyId = [...allChecks.keys()];
const goodPathIds = goodPathChecks.map(({ id }) => id);

test('knows the checks by the ids that reports and users know', () => {
  expect(everyId).toEqual([
    'account-registered',
    'order-completed',
    'secret-holds-issued-certificate',
    'challenge-routed-through-gateway',
    'solver-left-nothing',
    'gateway-serves-the-secret',
    'chain-ends-at-the-cas-root',
    'backend-answers',
    'browser-shows-padlock',
    'plain-http-answers',
    'solver-ingress-got-no-address',
    'challenge-path-never-reached-solver',
    'challenge-reports-404',
    'leaf-has-the-key-asked',
    'chain-in-secret-ends-at-the-cas-root',
    'challenges-by-dns01',
    'plain-http-redirects',
    'challenge-waits-for-the-cure',
    'client-certificate-is-demanded',
    'old-certificate-stays-served',
    'reached-by-mutual-tls',
    'second-gateway-serves-the-secret',
    'token-is-demanded',
    'unselected-is-left-alone',
    'coalesced-request-finds-its-site',
    'catches-up-with-the-secret',
    'nothing-stays',
    'revoked-leaf-is-replaced',
    'restored-without-an-order',
    'root-of-secret-changed',
    'starts-with-the-new-certificate',
    'ca-reached-the-solver',
    'certificate-renewed',
    'validity-as-asked',
    'preferred-chain-chosen',
    'profile-ordered',
    'revoked-on-request',
    'renewed-by-time',
    'no-handshake-failed',
    'serials-follow-the-secret',
    'open-connection-goes-on',
    'renewed-by-renewal-information',
    'order-replaces-the-certificate',
    'renewal-information-was-refused',
    'asks-again-when-the-ca-says',
    'orders-without-a-refused-replaces',
    'account-recovered',
    'validated-without-self-check',
    'challenge-was-delegated',
    'certificate-of-shim',
    'recovers-by-itself',
    'key-rotated-as-asked',
    'leaf-is-short-lived',
    'solver-by-selector',
    'offers-post-quantum-key-exchange',
    'refused-with-its-reason',
  ]);
});

test('judges plain HTTP once on evidence of each version', async () => {
  const evidence = await goodEvidence();
  const ids = ['backend-answers', 'plain-http-answers'];
  expect(checksFor(evidence, ids)).toEqual(ids);
  expect(checksFor({ ...evidence, schemaVersion: 2 }, ids)).toEqual(['backend-answers']);
});

test('passes good evidence of either solver', async () => {
  for (const solver of ['ingress', 'gateway-httproute'] as const) {
    const results = judge(await goodEvidence({ solver }), goodPathIds);
    expect(results.map(({ id }) => id)).toEqual(goodPathIds);
    expect(results.filter(({ result }) => result !== 'passed')).toEqual([]);
  }
});

test('passes all checks on a missing IngressClass that was then created', async () => {
  const ids = [...missingIngressClassChecks, ...goodPathChecks].map(({ id }) => id);
  expect(judge(await missingIngressClassEvidence(), ids).filter(({ result }) => result !== 'passed')).toEqual([]);
});

test('gives the same verdicts on evidence that was saved and read again, and leaves it unchanged', async () => {
  const evidence = await goodEvidence();
  const saved = JSON.stringify(evidence);
  const results = judge(evidence, everyId);
  expect(JSON.stringify(evidence)).toBe(saved);
  expect(judge(evidenceSchema.parse(JSON.parse(saved)), everyId)).toEqual(results);
});

test('fails every check on evidence in which nothing was recorded', async () => {
  const evidence = await goodEvidence();
  Object.assign(evidence, { objects: [], accessLog: [], probes: [], actions: [] } satisfies Partial<Evidence>);
  for (const { id, result, message } of judge(evidence, everyId)) {
    expect({ id, result }).toEqual({ id, result: 'failed' });
    expect(message).not.toContain('threw');
  }
});

test.each([null, 'text', 7, [], [null], {}])('does not throw on an object whose parts are %j', async (junk) => {
  const evidence = await goodEvidence();
  for (const history of evidence.objects) {
    for (const state of history.states) {
      for (const part of ['metadata', 'spec', 'status', 'type', 'padlock']) state.object[part] = junk;
    }
  }
  for (const { result, message } of judge(evidence, everyId)) {
    expect(result === 'passed' ? '' : message).not.toContain('threw');
  }
});

test('fails an unknown check id', async () => {
  const [result] = judge(await goodEvidence(), ['address-bar-is-green']);
  expect(result).toMatchObject({ id: 'address-bar-is-green', result: 'failed' });
  expect(result?.message).toContain('Unknown check "address-bar-is-green". Known checks: account-registered,');
});

test('fails a check that breaks', async () => {
  const evidence = await goodEvidence();
  forget(evidence, 'Issuer');
  const broken = vi.spyOn(allChecks.get('account-registered') ?? expect.fail(), 'judge').mockImplementation(() => {
    throw new Error('out of range');
  });
  const [result] = judge(evidence, ['account-registered']);
  broken.mockRestore();
  expect(result).toMatchObject({ result: 'failed', message: expect.stringContaining('out of range') });
});

test("runs a user's own checks, and does not blame Padlock for one that throws", async () => {
  const evidence = await goodEvidence();
  const good: Check = { id: 'good', asserts: 'All is well.', judge: () => passed('The host answered.') };
  const bad: Check = {
    id: 'bad',
    asserts: 'All is well.',
    judge() {
      throw new Error('no host');
    },
  };
  // As in plain JavaScript.
  const none = { ...good, id: 'none', judge: (): unknown => undefined } as Check;
  const own = new Map([good, bad, none].map((check) => [check.id, check]));
  expect(judge(evidence, ['good', 'bad', 'none'], undefined, own)).toEqual([
    { id: 'good', result: 'passed', message: 'The host answered.' },
    { id: 'bad', result: 'failed', message: 'The check threw an error on this evidence: no host.' },
    {
      id: 'none',
      result: 'failed',
      message: "The check gave nothing instead of a verdict with a message, as passed('…') and failed('…') make it.",
    },
  ]);
});
