import { expect, test } from 'vitest';
import { featureCountsOf } from './feature-counts.ts';

test('counts the scenarios of each feature by their result; one that ended early counts as failed', () => {
  expect(
    featureCountsOf([
      { features: ['http01', 'istio-gateway'], result: 'passed' },
      { features: ['http01', 'gateway-api'], result: 'failed' },
      { features: ['dns01'], result: 'skipped' },
      { features: ['dns01'], result: 'error' },
      { features: ['profile'], result: 'skipped', notApplicable: 'The CA has no profiles.' },
      { result: 'passed' },
    ]),
  ).toEqual([
    { feature: 'http01', passed: 1, failed: 1, skipped: 0 },
    { feature: 'istio-gateway', passed: 1, failed: 0, skipped: 0 },
    { feature: 'gateway-api', passed: 0, failed: 1, skipped: 0 },
    { feature: 'dns01', passed: 0, failed: 1, skipped: 1 },
    { feature: 'profile', passed: 0, failed: 0, skipped: 0, notApplicable: 1 },
  ]);
});
