import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { registeredProviders } from '../environment/registry/providers.ts';

const kinds = registeredProviders().map(({ kind }) => kind);

/** The commands that name a kind for another reason: `test` starts the project of vitest with that name. */
const exempt: ReadonlySet<string> = new Set([join('commands', 'test.ts')]);

/** The lines of a source that name a kind of environment as a value. Comments may. */
function linesThatNameAKind(source: string): readonly string[] {
  const literal = new RegExp(`(['"\`])(${kinds.join('|')})\\1`);
  return source.split('\n').filter((line) => literal.test(line.replace(/^\s*(\/?\*|\/\/).*$/, '')));
}

test('sees a comparison with a kind, and no comment', () => {
  expect(linesThatNameAKind("if (environment === 'cell') {\n  // 'kind' alone\n}")).toHaveLength(1);
  expect(linesThatNameAKind('case "existing":')).toHaveLength(1);
});

test('no command asks which kind of environment it is on', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !exempt.has(file),
  );
  expect(files.length).toBeGreaterThan(20);
  const found = files.flatMap((file) =>
    linesThatNameAKind(readFileSync(join(import.meta.dirname, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
