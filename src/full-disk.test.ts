import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { fullDisk, isOfFullDisk } from './full-disk.ts';

test('names the first folder whose disk is full, and none where all have space or are missing', async () => {
  // The file system of /sys has no blocks, so nothing is free on it.
  expect(await fullDisk(['/no/such/folder', tmpdir(), '/sys'])).toBe('no space left on the disk of /sys');
  expect(await fullDisk(['/no/such/folder', tmpdir()])).toBeNull();
});

test('tells the error of a full disk from others', () => {
  const full = openSync('/dev/full', 'w');
  try {
    writeSync(full, 'x');
    expect.unreachable();
  } catch (error) {
    expect(isOfFullDisk(error)).toBe(true);
  } finally {
    closeSync(full);
  }
  try {
    execFileSync('/no/such/program');
    expect.unreachable();
  } catch (error) {
    expect(isOfFullDisk(error)).toBe(false);
  }
});
