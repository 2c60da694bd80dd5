import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outsideCommand } from './outside-command.ts';

test('runs a program with its arguments as they are, and changes nothing for others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'padlock-outside-'));
  try {
    const file = join(folder, 'resolv.conf');
    writeFileSync(file, 'nameserver 192.0.2.53\n', { mode: 0o644 });
    const before = readFileSync('/etc/resolv.conf', 'utf8');
    const [program, ...args] = outsideCommand(file, ['printf', '%s|', 'a b', '$c', "d'e"]);
    expect(execFileSync(program, args, { encoding: 'utf8' })).toBe("a b|$c|d'e|");
    expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(before);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
