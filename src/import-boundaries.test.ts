import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(root, 'src', 'checks', 'boundary-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the lint rule for import boundaries is seen failing', () => {
  const file = join(folder, 'offender.ts');
  writeFileSync(file, "import { KubeClient } from '../../kube/client.ts';\n\nexport const client = KubeClient;\n");
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { status, stdout, stderr } = spawnSync(process.execPath, [biome, 'lint', file], {
    encoding: 'utf8',
    cwd: root,
  });
  expect(stdout + stderr).toContain('checks judge evidence and import nothing else');
  expect(status).not.toBe(0);
});
