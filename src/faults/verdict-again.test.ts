import { expect, test } from 'vitest';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { verdictAgain } from './verdict-again.ts';

function diagnosis(verdict: string, rule = 'a-rule'): Diagnosis {
  return {
    ...{ rule, verdict, evidence: [], remedy: null, unseen: [], confidence: 'seen' },
    ...{ consequences: [], alsoBroken: [], links: [] },
  };
}

function again(first: string, ...next: readonly Diagnosis[]) {
  const left = [...next];
  const tracer = { trace: async () => ({ diagnosis: left.shift() ?? diagnosis('nothing more') }) };
  const names = ({ rule }: Diagnosis) => rule === 'a-rule';
  return verdictAgain(tracer, { namespace: 'a', name: 'a' }, { first: diagnosis(first), names });
}

test('the same words come again', async () => {
  expect(await again('refused', diagnosis('refused'))).toEqual(diagnosis('refused'));
});

test('the state may move on, if the next trace says the same', async () => {
  expect(await again('refused', diagnosis('reset'), diagnosis('reset'))).toEqual(diagnosis('reset'));
});

test('verdicts that alternate are no verdict', async () => {
  const alternating = [diagnosis('reset'), diagnosis('refused'), diagnosis('reset')];
  await expect(again('refused', ...alternating)).rejects.toThrow(
    'A trace gave "refused", and the next one another verdict: reset',
  );
});

test('a step may begin between two verdicts, but not one after the other', async () => {
  const step: Diagnosis = {
    ...diagnosis('The solver starts.', 'solver-starting'),
    link: 'solver',
    links: [{ link: 'solver', title: 'solver ready', state: 'waiting', says: 'The solver starts.' }],
  };
  expect(await again('refused', step, diagnosis('refused'))).toEqual(diagnosis('refused'));
  await expect(again('refused', step, step, step)).rejects.toThrow('another verdict: The solver starts.');
});

test('another rule is another verdict at once', async () => {
  await expect(again('refused', diagnosis('It is served.', 'served'))).rejects.toThrow(
    'another verdict: It is served.',
  );
});
