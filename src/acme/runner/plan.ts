import type { Profile } from '../catalogue/check.ts';

/** What a run may ask of a CA. */
export interface Budget {
  readonly requests: number;
  /** Accounts that it tries to make; a look-up is none. */
  readonly accounts: number;
  readonly orders: number;
}

/** What a profile asked of a Pebble, rounded up; and what it may ask of any CA, which leaves room for repetitions. */
export interface Plan {
  readonly usual: Budget;
  readonly most: Budget;
}

export const plans: Readonly<Record<Profile, Plan>> = {
  'read-only': {
    usual: { requests: 120, accounts: 0, orders: 0 },
    most: { requests: 500, accounts: 20, orders: 20 },
  },
  standard: {
    usual: { requests: 600, accounts: 16, orders: 70 },
    most: { requests: 1500, accounts: 50, orders: 200 },
  },
  exhaustive: {
    usual: { requests: 800, accounts: 18, orders: 110 },
    most: { requests: 2500, accounts: 60, orders: 300 },
  },
};

/** The plan in one sentence. @param rate requests a second, where that is limited */
export function planInWords(usual: Budget, most: Budget, rate?: number): string {
  const seconds =
    rate === undefined ? '' : `, about ${Math.ceil(usual.requests / rate)} s at ${rate} requests a second`;
  const about = (what: keyof Budget) => Math.min(usual[what], most[what]);
  return `The plan: about ${about('requests')} requests, ${about('accounts')} accounts and ${about('orders')} orders${seconds}; at most ${most.requests}, ${most.accounts} and ${most.orders}.`;
}
