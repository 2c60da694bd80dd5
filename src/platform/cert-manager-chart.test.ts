import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wholeChart } from './cert-manager-chart.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-chart-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function moduleWith(files: readonly string[]) {
  const chart = join(folder, 'module', 'deploy', 'charts', 'cert-manager');
  await mkdir(join(chart, 'templates'), { recursive: true });
  for (const file of files) await writeFile(join(chart, file), `the text of ${file}`);
  const module = { module: 'm', version: 'v1.20.0', folder: join(folder, 'module'), sum: 'h1:x' };
  return { module, tag: 'v1.20.0' };
}

const definition = 'templates/crd-cert-manager.io_certificates.yaml';

test('the Chart.template.yaml of an older module becomes Chart.yaml in a copy', async () => {
  const chosen = await moduleWith(['Chart.template.yaml', definition]);
  const chart = await wholeChart(chosen, join(folder, 'copy'));
  expect(await readFile(join(chart, 'Chart.yaml'), 'utf8')).toBe('the text of Chart.template.yaml');
  expect(chart.startsWith(join(folder, 'copy'))).toBe(true);
});

test('a complete chart is used unchanged', async () => {
  const chart = await wholeChart(await moduleWith(['Chart.yaml', definition]), join(folder, 'copy'));
  expect(await readFile(join(chart, 'Chart.yaml'), 'utf8')).toBe('the text of Chart.yaml');
});

test('a module without definitions in its chart is refused', async () => {
  const chosen = await moduleWith(['Chart.template.yaml']);
  await expect(wholeChart(chosen, join(folder, 'copy'))).rejects.toThrow(
    /^--cert-manager v1\.20\.0: .* v1\.19\.0 or later/,
  );
});
