import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { externalAccountOf, externalAccountsOf } from './external-account-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'padlock-eab-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string, name = 'hmac'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('takes the key from the file, without the line end', async () => {
  const account = await externalAccountOf({ eabKid: 'kid-1', eabHmacKeyFile: file('c2VjcmV0LWtleQ\n') });
  expect(account).toEqual({ keyId: 'kid-1', hmacKey: 'c2VjcmV0LWtleQ' });
});

test('takes both options or neither', async () => {
  expect(await externalAccountOf({})).toBeUndefined();
  await expect(externalAccountOf({ eabKid: 'kid-1' })).rejects.toThrow('needs both');
});

test('refuses a key in another encoding, and a file that is not there, without showing the key', async () => {
  const refusal = externalAccountOf({ eabKid: 'kid-1', eabHmacKeyFile: file('a+b/c==') });
  await expect(refusal).rejects.toThrow('is not base64url without padding');
  await expect(refusal).rejects.not.toThrow('a+b/c');
  await expect(externalAccountOf({ eabKid: 'k', eabHmacKeyFile: join(folder, 'none') })).rejects.toThrow('ENOENT');
});

test('pairs several kids and files in their order', async () => {
  const eabHmacKeyFile = [file('b25l', 'one'), file('dHdv', 'two')];
  expect(await externalAccountsOf({ eabKid: ['kid-1', 'kid-2'], eabHmacKeyFile })).toEqual([
    { keyId: 'kid-1', hmacKey: 'b25l' },
    { keyId: 'kid-2', hmacKey: 'dHdv' },
  ]);
  expect(await externalAccountsOf({})).toEqual([]);
});

test('refuses kids and files of different numbers in one sentence', async () => {
  const refusal = externalAccountsOf({ eabKid: ['kid-1', 'kid-2'], eabHmacKeyFile: [file('b25l')] });
  await expect(refusal).rejects.toMatchObject({
    exitCode: 2,
    message:
      '--eab-kid has 2 external accounts, but --eab-hmac-key-file has 1 files. Pass one file per account, in the same order.',
  });
});
