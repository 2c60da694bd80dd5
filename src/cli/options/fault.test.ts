import { expect, test } from 'vitest';
import { scenarioFaults } from '../../../faults/index.ts';
import { featureNames } from '../../suite/features.ts';
import { findFault, refuseFaultWithoutEffect } from './fault.ts';
import { selectScenarios } from './selection.ts';

test.each(scenarioFaults)('$id can be had by the use case, and needs features that exist', (fault) => {
  expect(() => refuseFaultWithoutEffect(fault, selectScenarios(['http01-ingress']))).not.toThrow();
  expect((fault.inScenario.needs ?? []).filter((name) => !featureNames.some((known) => known === name))).toEqual([]);
});

test('a fault of HTTP-01 is refused for a scenario of DNS-01, which it would leave alone', () => {
  const scenarios = selectScenarios(['http01-ingress', 'dns01-wildcard']);
  expect(() => refuseFaultWithoutEffect(findFault('solver-killed'), scenarios)).toThrow(
    /^--fault solver-killed needs scenarios with the feature http01, which dns01-wildcard does not have\. Select others, e\.g\. with --feature http01\.$/,
  );
});

test('a fault of the Gateway is refused where no Gateway serves the certificate', () => {
  const scenarios = selectScenarios(['ca-http01']);
  expect(() => refuseFaultWithoutEffect(findFault('missing-secret'), scenarios)).toThrow(
    /which ca-http01 does not have/,
  );
});
