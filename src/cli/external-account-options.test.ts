import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { externalAccountOf } from './external-account-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'padlock-eab-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'hmac');
  writeFileSync(path, text);
  return path;
}

it('takes the key from the file, without the line end', async () => {
  const account = await externalAccountOf({ eabKid: 'kid-1', eabHmacKeyFile: file('c2VjcmV0LWtleQ\n') });
  expect(account).toEqual({ keyId: 'kid-1', hmacKey: 'c2VjcmV0LWtleQ' });
});

it('wants none, or both', async () => {
  expect(await externalAccountOf({})).toBeUndefined();
  await expect(externalAccountOf({ eabKid: 'kid-1' })).rejects.toThrow('needs both');
});

it('refuses a key in another encoding, and a file that is not there, without showing the key', async () => {
  const refusal = externalAccountOf({ eabKid: 'kid-1', eabHmacKeyFile: file('a+b/c==') });
  await expect(refusal).rejects.toThrow('is not base64url without padding');
  await expect(refusal).rejects.not.toThrow('a+b/c');
  await expect(externalAccountOf({ eabKid: 'k', eabHmacKeyFile: join(folder, 'none') })).rejects.toThrow('ENOENT');
});
