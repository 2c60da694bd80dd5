import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createIssuer, issueLeaf } from '../checks/testing/certificate-fixture.ts';
import type { CertificateFacts } from '../evidence/evidence.ts';
import { issued, parseCertificates, pathToRoot, sameSet, validAt } from './x509-chain.ts';

function parsed(...certificates: CertificateFacts[]) {
  const result = parseCertificates(certificates, 'the test');
  if (typeof result === 'string') throw new Error(result);
  return result;
}

const root = await createIssuer('Root');
const first = await createIssuer('First', root);
const second = await createIssuer('Second', first);
const leaf = await issueLeaf(second, ['a.example.test', '*.b.example.test']);

describe('pathToRoot', () => {
  const names = (path: ReturnType<typeof pathToRoot>) => path?.map(({ facts }) => facts.subject);

  test('goes over several intermediates, in whatever order they are served', () => {
    for (const served of [
      [leaf, second.facts, first.facts],
      [leaf, first.facts, second.facts],
    ]) {
      expect(names(pathToRoot(parsed(...served), parsed(root.facts)))).toEqual([
        '',
        'CN=Second',
        'CN=First',
        'CN=Root',
      ]);
    }
  });

  test('stops at a root that is served itself', () => {
    expect(names(pathToRoot(parsed(root.facts), parsed(root.facts)))).toEqual(['CN=Root']);
  });

  test('finds none with a gap, with another root, or for no certificate', async () => {
    const other = await createIssuer('Root');
    expect(pathToRoot(parsed(leaf, second.facts), parsed(root.facts))).toBeNull();
    expect(pathToRoot(parsed(leaf, second.facts, first.facts), parsed(other.facts))).toBeNull();
    expect(pathToRoot([], parsed(root.facts))).toBeNull();
  });

  test('ends if certificates issued each other', () => {
    expect(pathToRoot(parsed(leaf, second.facts, second.facts, first.facts, first.facts), [])).toBeNull();
  });
});

test('issued holds for the issuer only, not for a namesake and not the other way round', async () => {
  const x509 = (facts: CertificateFacts) => new X509Certificate(facts.pem);
  const namesake = await createIssuer('Second', first);
  expect(issued(x509(second.facts), x509(leaf))).toBe(true);
  expect(issued(x509(namesake.facts), x509(leaf))).toBe(false);
  expect(issued(x509(leaf), x509(second.facts))).toBe(false);
});

test('validAt includes both ends', () => {
  const certificate = new X509Certificate(leaf.pem);
  expect(validAt(certificate, leaf.notBefore)).toBe(true);
  expect(validAt(certificate, leaf.notAfter)).toBe(true);
  expect(validAt(certificate, '2026-11-24T09:00:23.999Z')).toBe(false);
  expect(validAt(certificate, '2027-02-22T09:00:23.001Z')).toBe(false);
});

test('parseCertificates reads names, key and fingerprint from the PEM', () => {
  const [certificate] = parsed(leaf);
  expect(certificate?.dnsNames).toEqual(['a.example.test', '*.b.example.test']);
  expect(certificate?.publicKeySha256).toMatch(/^[0-9a-f]{64}$/);
  expect(certificate?.fingerprintSha256).toBe(leaf.fingerprintSha256);
});

test.each(['fingerprintSha256', 'publicKeySha256'] as const)('parseCertificates refuses another %s', (fact) => {
  expect(parseCertificates([leaf, { ...leaf, [fact]: '00' }], 'the test')).toMatch(
    /^Certificate 2 of the test .* differ/,
  );
});

test('sameSet does not count case, order and repetition', () => {
  expect(sameSet(['a', 'B', 'a'], ['b', 'A'])).toBe(true);
  expect(sameSet(['a'], ['a', 'b'])).toBe(false);
  expect(sameSet(['a', 'b'], ['a'])).toBe(false);
  expect(sameSet(['a'], ['b'])).toBe(false);
});
