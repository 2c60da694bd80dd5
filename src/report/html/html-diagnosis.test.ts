import { expect, test } from 'vitest';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { exampleFailedScenario } from '../testing/example-report.ts';
import { diagnosisBlock, errorBlock } from './html-diagnosis.ts';

const diagnosis: Diagnosis = {
  rule: 'route-absent',
  verdict: 'The gateway has no route.',
  evidence: ['It answered 404.'],
  remedy: 'Create it.',
  unseen: ['The log of the gateway.'],
};

test('verdict, remedy, evidence and what could not be seen, in this order', () => {
  const page = String(diagnosisBlock(diagnosis));
  const order = [
    'The gateway has no route.',
    'What to do:',
    'Create it.',
    'Evidence',
    'It answered 404.',
    'Not visible',
    'The log of the gateway.',
    'route-absent',
  ];
  const places = order.map((text) => page.indexOf(text));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('empty parts have no heading', () => {
  const page = String(diagnosisBlock({ ...diagnosis, evidence: [], remedy: null, unseen: [] }));
  expect(page).not.toMatch(/<h4>|What to do/);
});

test('an early end keeps the lines of what was last seen', () => {
  const { error } = exampleFailedScenario();
  expect(String(errorBlock({ message: 'Gave up', lastSeen: 'a\nb' }))).toContain('<pre>a\nb</pre>');
  expect(error === undefined ? '' : String(errorBlock(error))).toContain('Ready=False (DoesNotExist)');
  expect(String(errorBlock({ message: 'Gave up' }))).not.toContain('Last seen');
});
