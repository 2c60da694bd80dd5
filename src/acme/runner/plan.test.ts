import { expect, test } from 'vitest';
import { planInWords, plans } from './plan.ts';

test('the plan names what is usual, what is the most, and the time that a rate takes', () => {
  const { usual, most } = plans.standard;
  expect(planInWords(usual, { ...most, accounts: 4 }, 2)).toBe(
    'The plan: about 600 requests, 4 accounts and 70 orders, about 300 s at 2 requests a second; at most 1500, 4 and 200.',
  );
});

test('every profile may ask more than is usual', () => {
  for (const { usual, most } of Object.values(plans)) {
    expect(most.requests).toBeGreaterThan(usual.requests);
    expect(most.accounts).toBeGreaterThan(usual.accounts);
    expect(most.orders).toBeGreaterThan(usual.orders);
  }
});
