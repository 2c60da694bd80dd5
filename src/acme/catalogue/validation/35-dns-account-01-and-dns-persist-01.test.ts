import { expect, test } from 'vitest';
import { accountLabel } from './35-dns-account-01-and-dns-persist-01.ts';

test('the label of an account is that of the example in draft-ietf-acme-dns-account-label', () => {
  expect(accountLabel('https://example.com/acme/acct/ExampleAccount')).toBe('_ujmmovf2vn55tgye');
});
