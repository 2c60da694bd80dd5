import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { downloadEnvironment } from './download-environment.ts';
import { downloadHint } from './download-hint.ts';

const folder = mkdtempSync(join(tmpdir(), 'padlock-download-'));
afterAll(() => rmSync(folder, { recursive: true }));
const scripts = join(import.meta.dirname, '..', '..', 'scripts');

/** Runs a line of shell after the launcher's functions, with a cache of its own and no variables of this machine. */
function inLauncher(line: string, env: Readonly<Record<string, string>> = {}): string {
  const script = `set -euo pipefail; project=${scripts}/..; . ${scripts}/own-programs.sh; . ${scripts}/trusted-roots.sh; ${line}`;
  return execFileSync('bash', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, PADLOCK_CACHE: join(folder, 'cache'), ...env },
  });
}

describe.each([
  ['npm', 'npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /set SSL_CERT_FILE/],
  ['npm', 'npm error code SELF_SIGNED_CERT_IN_CHAIN', /set SSL_CERT_FILE/],
  [
    'pip',
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
    /set SSL_CERT_FILE/,
  ],
  [
    'Go',
    'Get "https://x/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    /set SSL_CERT_FILE/,
  ],
  ['npm', 'npm error code ENOTFOUND', /set HTTPS_PROXY/],
  ['pip', 'Failed to establish a new connection: [Errno -2] Name or service not known', /set HTTPS_PROXY/],
  ['Go', 'dial tcp 192.0.2.1:443: i/o timeout', /set HTTPS_PROXY/],
  ['Go', './main.go:7:2: undefined: x', /^$/],
])('%s: %s', (_, log, hint) => {
  test('is told with what to do, by the launcher as well', () => {
    expect(downloadHint(log)).toMatch(hint);
    const file = join(folder, 'log');
    writeFileSync(file, `first\n${log}\nlast\n`);
    expect(inLauncher(`download_hint ${file}`).trimEnd()).toBe(downloadHint(log));
  });
});

describe('roots that one variable names', () => {
  const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
  const own = join(folder, 'own.pem');
  writeFileSync(own, pem('own'));

  test.each(['SSL_CERT_FILE', 'PIP_CERT', 'NODE_EXTRA_CA_CERTS', 'NPM_CONFIG_CAFILE', 'REQUESTS_CA_BUNDLE'])(
    '%s: all tools trust them, with those of the system',
    (variable) => {
      const roots = inLauncher('trust_named_roots && printf %s "$PADLOCK_TRUSTED_ROOTS"', { [variable]: own });
      expect(readFileSync(roots, 'utf8')).toContain(pem('own'));
      expect(downloadEnvironment({ PADLOCK_TRUSTED_ROOTS: roots, [variable]: own })).toMatchObject({
        ...{ SSL_CERT_FILE: roots, PIP_CERT: roots },
      });
    },
  );

  test('the roots of the system are no others, and nothing is changed', () => {
    const env = { SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt' };
    expect(inLauncher('trust_named_roots; printenv PADLOCK_TRUSTED_ROOTS || echo none', env)).toBe('none\n');
    expect(downloadEnvironment(env)).toEqual(env);
  });

  test('a file without certificates is left out by name', () => {
    const env = { SSL_CERT_FILE: join(folder, 'absent.pem') };
    expect(inLauncher('trust_named_roots 2>&1', env)).toBe(
      `SSL_CERT_FILE names ${folder}/absent.pem, which is no readable PEM file with certificates; it is left out.\n`,
    );
  });
});
