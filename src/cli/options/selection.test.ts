import { expect, test } from 'vitest';
import { allScenarios, suites } from '../../../suites/index.ts';
import { UserError } from '../../user-error.ts';
import { selectScenarios } from './selection.ts';

const [first, second] = allScenarios.map(({ id }) => id);

test('selects the core suite by default', () => {
  expect(selectScenarios([])).toEqual(suites.core);
});

test('takes each scenario once, in the order of the suites', () => {
  const ids = [second ?? '', first ?? '', second ?? ''];
  expect(selectScenarios(ids).map(({ id }) => id)).toEqual([first, second]);
  expect(selectScenarios(['core', first ?? ''])).toEqual(suites.core);
});

test.each(['no-such', 'constructor', 'toString', ''])("names '%s' as unknown, with the suites", (id) => {
  const select = () => selectScenarios([first ?? '', id]);
  expect(select).toThrow(UserError);
  expect(select).toThrow(expect.objectContaining({ exitCode: 2 }));
  const known = Object.keys(suites).join(', ');
  expect(select).toThrow(
    `Unknown scenario or suite '${id}'. The suites are ${known}; 'padlock list' lists their scenarios.`,
  );
});

test('selects by features, in every suite if no id is given', () => {
  const byFeature = selectScenarios([], { feature: ['wildcard'], exemptFeature: [] }).map(({ id }) => id);
  const withWildcard = allScenarios.filter(({ features }) => features.includes('wildcard'));
  expect(byFeature).toEqual(withWildcard.map(({ id }) => id));
  expect(byFeature).toContain('dns01-wildcard');
  const served = selectScenarios(['mesh'], { feature: [], exemptFeature: ['dns01'] }).map(({ id }) => id);
  expect(served).toContain('redirect-keeps-challenge');
  expect(served).not.toContain('dns01-wildcard');
  expect(() => selectScenarios([], { feature: ['no-such'], exemptFeature: [] })).toThrow(
    /^Unknown feature 'no-such'\. Known features: http01, /,
  );
  expect(() => selectScenarios(['core'], { feature: ['ca'], exemptFeature: [] })).toThrow(
    /^None of the selected scenarios \(http01-gateway-api, .*\) has the feature ca\. 'padlock list --feature ca' lists/,
  );
  expect(() => selectScenarios(['http01-ingress'], { feature: ['dns01'], exemptFeature: [] })).toThrow(
    "None of the selected scenarios (http01-ingress) has the feature dns01. 'padlock list --feature dns01' lists those that have it.",
  );
  expect(() => selectScenarios(['http01-ingress'], { feature: [], exemptFeature: ['http01'] })).toThrow(
    'None of the selected scenarios (http01-ingress) is left by --exempt-feature http01.',
  );
});
