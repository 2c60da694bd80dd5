import { expect, test } from 'vitest';
import { secretFactsSchema } from './secret-facts.ts';

test('has room for public facts only', () => {
  const facts = { certificates: [], privateKeyPublicSha256: null, dataKeys: ['tls.crt', 'tls.key'] };
  expect(secretFactsSchema.parse(facts)).toEqual(facts);
  expect(secretFactsSchema.safeParse({ ...facts, data: { 'tls.key': 'c2VjcmV0' } }).success).toBe(false);
});
