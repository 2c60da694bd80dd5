import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfiguration } from './read-configuration.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-configuration-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function put(text: string, name = 'padlock.config.yaml'): Promise<void> {
  return writeFile(join(folder, name), text);
}

test('a missing configuration is not an error', async () => {
  expect(await readConfiguration(folder)).toBeNull();
});

test('YAML: options and a matrix, whose values become strings regardless of their YAML type', async () => {
  await put('run:\n  environment: kind\n  skip: [browser]\nmatrix:\n  axes:\n    istio: [1.30, "1.30.1"]\n');
  expect((await readConfiguration(folder))?.contents).toEqual({
    run: { environment: 'kind', skip: ['browser'] },
    matrix: { axes: { istio: ['1.30', '1.30.1'] }, include: [], exclude: [] },
  });
});

test('TypeScript: its default export', async () => {
  await put("export default { run: { environment: 'kind' } } as const;\n", 'padlock.config.ts');
  expect((await readConfiguration(folder))?.contents.run).toEqual({ environment: 'kind' });
});

test('an empty file sets nothing', async () => {
  await put('');
  expect((await readConfiguration(folder))?.contents).toEqual({});
});

test.each([
  ['run: [', /is not valid YAML, line 1, column \d+: /],
  ['runs: {}', /^Invalid configuration \S+padlock\.config\.yaml: it has the unknown key "runs"\.$/],
  [
    'run: {environment: {a: 1}}',
    /: run\.environment must be text, a number, true or false, or a list of texts or numbers\.$/,
  ],
  ['matrix: {axes: {istio: []}}', /: matrix\.axes\.istio needs at least 1 entry\.$/],
  ['just text', /^Invalid configuration \S+padlock\.config\.yaml: it must be a mapping\.$/],
])('%s is refused in one sentence', async (text, sentence) => {
  await put(text);
  await expect(readConfiguration(folder)).rejects.toThrow(sentence);
});

test('a named file must be there, and two at once are refused', async () => {
  await expect(readConfiguration(folder, 'absent.yaml')).rejects.toThrow(
    /^Cannot read the configuration \S+absent\.yaml: no such file or folder \(ENOENT\)\.$/,
  );
  await put('');
  await put('export default {};\n', 'padlock.config.ts');
  await expect(readConfiguration(folder)).rejects.toThrow(/Found two configurations/);
});

test('TypeScript that breaks is named', async () => {
  await put('throw new Error("broken");\n', 'padlock.config.ts');
  await expect(readConfiguration(folder)).rejects.toThrow(/padlock\.config\.ts cannot be loaded: broken\.$/);
});
