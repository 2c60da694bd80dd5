import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const own = 'scripts/words/banned-phrases.test.ts';

/** Phrases that a reader must read twice, each with what to write instead. None has a use in this project that is right. */
const banned: readonly (readonly [RegExp, string])[] = [
  [/\bwhence\b/i, 'where … comes from'],
  [/\bone that is none\b/i, 'the noun, e.g. "an invalid URL"'],
  [/\btakes? no offence\b/i, 'accepts'],
  [/\bfor want of\b/i, 'because … is missing'],
  [/\bruns? no more\b/i, 'no longer runs'],
  [/[,;] but for\b|\ball but for\b/i, 'except'],
  [/\bno \w+ '[^']*'; there (?:are|is)\b/i, "Unknown x 'y'. Known x: a, b."],
  [/(['"`])(?:It is|It does|All are|All have it|They are|None has)\.\1/, 'what was seen'],
];

function findings(file: string, text: string): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      banned
        .filter(([phrase]) => phrase.test(line))
        .map(([phrase, instead]) => `${file}:${index + 1} matches ${phrase}. Write: ${instead}.`),
    );
}

test('finds a banned phrase with its place and what to write instead', () => {
  const text = "fine\nThere is no fault 'x'; there are a, b.\n";
  expect(findings('a.ts', text)).toEqual([expect.stringMatching(/^a\.ts:2 matches .*Write: Unknown x 'y'/)]);
  expect(findings('a.ts', "message: 'It is.'")).toHaveLength(1);
  expect(findings('a.ts', 'It is issued. All are valid.')).toEqual([]);
});

test('no text of the project contains a banned phrase', () => {
  const files = execFileSync('git', ['ls-files', '*.ts', '*.md', '*.sh', '*.yml', '*.yaml', 'padlock'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && file !== own);
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap((file) => findings(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
});
