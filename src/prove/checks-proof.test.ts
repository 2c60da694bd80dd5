import { describe, expect, test } from 'vitest';
import {
  type ChecksProof,
  checksProofSchema,
  checksTurnedRed,
  type JudgedScenario,
  provenFault,
  redChecks,
  resultOfProof,
} from './checks-proof.ts';
import { proofText } from './proof-text.ts';

const foreignRoot = {
  id: 'foreign-root',
  title: 'Clients trust another root',
  diagnosedAs: 'ends-at-another-root',
  inScenario: { turnsRed: ['chain', 'browser'] },
};

function judged(red: readonly string[], more: Partial<JudgedScenario> = {}): JudgedScenario {
  const ids = ['account', 'chain', 'served'];
  return {
    checks: ids.map((id) => ({ id, result: red.includes(id) ? 'failed' : 'passed' })),
    diagnosedAs: 'ends-at-another-root',
    durationMs: 20_000,
    problem: null,
    ...more,
  };
}

const good = { passed: true, red: [], durationMs: 25_000, problem: null };

describe('a fault', () => {
  test('is proven where each check that ran and must turn red did', () => {
    const proven = provenFault(foreignRoot, judged(['chain']));
    expect(proven).toMatchObject({ mustTurnRed: ['chain'], red: ['chain'], stayedGreen: [], alsoRed: [] });
    expect(resultOfProof({ withoutFault: good, faults: [proven] })).toBe('passed');
  });

  test('fails the proof where a check stays green', () => {
    const proven = provenFault(foreignRoot, judged([]));
    expect(proven.stayedGreen).toEqual(['chain']);
    expect(resultOfProof({ withoutFault: good, faults: [proven] })).toBe('failed');
  });

  test('that turns more red than it says does not fail the proof', () => {
    const proven = provenFault(foreignRoot, judged(['chain', 'served']));
    expect(proven.alsoRed).toEqual(['served']);
    expect(resultOfProof({ withoutFault: good, faults: [proven] })).toBe('passed');
  });

  test('that could not be tried makes the proof partial, and no check green', () => {
    const proven = provenFault(foreignRoot, judged([], { problem: 'no quota may be made' }));
    expect(proven.stayedGreen).toEqual([]);
    expect(resultOfProof({ withoutFault: good, faults: [proven] })).toBe('partial');
  });

  test('a check that was skipped is not expected to turn red', () => {
    const proven = provenFault(foreignRoot, {
      ...judged([]),
      checks: [{ id: 'chain', result: 'skipped' }],
    });
    expect(proven.mustTurnRed).toEqual([]);
  });
});

test('a proof without a scenario that passes is none', () => {
  const proven = provenFault(foreignRoot, judged(['chain']));
  const withoutFault = { ...good, passed: false, red: redChecks(judged(['chain'])) };
  expect(resultOfProof({ withoutFault, faults: [proven] })).toBe('failed');
  expect(checksTurnedRed(['chain'], withoutFault.red, [proven])).toEqual([{ check: 'chain', turnedRedBy: [] }]);
});

test('a proof without faults is partial', () => {
  expect(resultOfProof({ withoutFault: good, faults: [] })).toBe('partial');
});

describe('the text', () => {
  const proofOf = (fault: JudgedScenario, withoutFault: ChecksProof['withoutFault'] = good): ChecksProof => {
    const faults = [provenFault(foreignRoot, fault)];
    return checksProofSchema.parse({
      schemaVersion: 1,
      padlock: { version: '0.2.0' },
      result: resultOfProof({ withoutFault, faults }),
      startedAt: '2026-11-28T02:00:00.000Z',
      durationMs: 61_000,
      environment: { kind: 'cell', name: 'dev' },
      scenario: 'http01-gateway-api',
      withoutFault,
      faults,
      leftOut: [{ fault: 'solver-killed', why: 'there is no quota.' }],
      checks: checksTurnedRed(['account', 'chain', 'served'], withoutFault.red, faults),
    });
  };

  test('shows what was seen, and what was not', () => {
    const text = proofText(proofOf(judged(['chain', 'served'])));
    expect(text).toBe(
      [
        '         no fault  foreign-root',
        'account  green     -',
        'chain    green     red',
        'served   green     red, too',
        '',
        'solver-killed was left out: there is no quota.',
        'Not seen red here: account, served.',
        'passed: 1 of 3 checks were seen red, with 1 fault in http01-gateway-api on dev, in 61 s.',
        '',
      ].join('\n'),
    );
  });

  test.for([
    ['a check that stayed green', judged([]), good, 'foreign-root: chain stayed green and must turn red.'],
    [
      'a fault that could not be tried',
      judged([], { problem: 'forbidden.' }),
      good,
      'foreign-root could not be tried: forbidden.',
    ],
    [
      'another diagnosis',
      judged(['chain'], { diagnosedAs: null }),
      good,
      'foreign-root: the diagnosis named no cause instead of ends-at-another-root.',
    ],
    [
      'a scenario that fails by itself',
      judged(['chain']),
      { ...good, passed: false, red: ['served'] },
      'http01-gateway-api on dev does not pass without a fault. Repair that first.',
    ],
  ] as const)('names %s', ([, fault, withoutFault, sentence]) => {
    expect(proofText(proofOf(fault, { ...withoutFault, red: [...withoutFault.red] }))).toContain(sentence);
  });
});
