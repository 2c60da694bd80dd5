import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Obtained } from './acme-client.ts';
import { type ClientEnd, hammers, outcomeOf } from './outcome.ts';

const name = 'www.padlock.test';
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
const pem = async (key: webcrypto.CryptoKey) =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('spki', key), 'PUBLIC KEY');
const hourMs = 3_600_000;

let leaf = '';
let issuer = '';
let expired = '';
let key = '';
let otherKey = '';

beforeAll(async () => {
  const [ca, own, other] = await Promise.all([makeKeys(), makeKeys(), makeKeys()]);
  const issued = async (notAfter: Date) => {
    const certificate = await x509.X509CertificateGenerator.create({
      ...{ subject: 'CN=leaf', issuer: 'CN=ca', publicKey: own.publicKey, signingKey: ca.privateKey },
      ...{ signingAlgorithm: algorithm, notBefore: new Date(Date.now() - 2 * hourMs), notAfter },
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
    });
    return `${certificate.toString('pem')}\n`;
  };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=ca', keys: ca, signingAlgorithm: algorithm },
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  leaf = await issued(new Date(Date.now() + hourMs));
  expired = await issued(new Date(Date.now() - hourMs));
  issuer = `${root.toString('pem')}\n`;
  key = await pem(own.publicKey);
  otherKey = await pem(other.publicKey);
});

function ended(end: Partial<ClientEnd>): ClientEnd {
  return { status: 0, signal: null, message: '', obtained: null, requests: 10, seconds: 1, ...end };
}

function outcomeWith(obtained: Obtained, ordered = name) {
  return outcomeOf(ended({ obtained }), ordered);
}

describe('a client that ends without an error', () => {
  test('has its certificate', () => {
    expect(outcomeWith({ chain: leaf + issuer, publicKey: key })).toEqual({ outcome: 'issued', said: '' });
  });

  test.each([
    [
      'of another name',
      () => outcomeWith({ chain: leaf + issuer, publicKey: key }, 'api.padlock.test'),
      'another name',
    ],
    ['of another key', () => outcomeWith({ chain: leaf + issuer, publicKey: otherKey }), 'another key'],
    ['that has expired', () => outcomeWith({ chain: expired + issuer, publicKey: key }), 'expired'],
    ['without an issuer', () => outcomeWith({ chain: leaf, publicKey: key }), 'no issuer'],
    ['that its issuer did not sign', () => outcomeWith({ chain: leaf + leaf, publicKey: key }), 'does not continue'],
    ['that is none', () => outcomeWith({ chain: '<html>', publicKey: key }), 'without a certificate'],
  ])('took a certificate %s', (_, judge, said) => {
    expect(judge()).toEqual({ outcome: 'wrong', said: expect.stringContaining(said) });
  });
});

describe('a client that fails', () => {
  test.each([
    ['403 urn:ietf:params:acme:error:unauthorized: no', 'clear'],
    ['could not finalize: timed out', 'clear'],
    ['acme.errors.ClientError: "up" Link header missing', 'clear'],
    ["decoding the order: invalid character '<' looking for beginning of value", 'clear'],
    [`AttributeError: 'Directory field "newNonce" not found'`, 'clear'],
    ['acme.errors.TimeoutError', 'unclear'],
    ['requests.exceptions.JSONDecodeError: Unterminated string starting at: line 22 column 17 (char 676)', 'unclear'],
    ["AttributeError: 'NoneType' object has no attribute 'body'", 'unclear'],
    ["invalid character '<' looking for beginning of value", 'unclear'],
    ['panic: order is nil\n\ngoroutine 1 [running]:', 'unclear'],
    ['', 'unclear'],
  ])('%j is %s', (message, outcome) => {
    expect(outcomeOf(ended({ status: 1, message }), name).outcome).toBe(outcome);
  });

  test('by a signal is unclear, whatever it said', () => {
    const end = ended({ status: null, signal: 'SIGSEGV', message: 'the order is valid' });
    expect(outcomeOf(end, name).outcome).toBe('unclear');
  });

  test('hangs where its time was over', () => {
    expect(outcomeOf(ended({ status: null }), name).outcome).toBe('hangs');
  });
});

test('more than five times the ordinary requests are hammering', () => {
  expect(hammers({ requests: 55 }, 11)).toBe(false);
  expect(hammers({ requests: 56 }, 11)).toBe(true);
});
