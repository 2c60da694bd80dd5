import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { platformFile } from './platform-file.ts';

test('fills in every placeholder, and takes a value as it is', async () => {
  const values = parse(await platformFile('istio.yaml', { istioTag: "1.31-$&$'" }));
  expect(values.spec.tag).toBe("1.31-$&$'");
});

test('names the placeholder that has no value, with its file', async () => {
  await expect(platformFile('istio.yaml', {})).rejects.toThrow(/^\$\{istioTag\} in istio\.yaml has no value$/);
});

test('says which file is missing', async () => {
  await expect(platformFile('no-such.yaml', {})).rejects.toThrow('no-such.yaml');
});
