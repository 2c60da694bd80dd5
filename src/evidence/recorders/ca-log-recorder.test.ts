import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CaLogRecorder } from './ca-log-recorder.ts';

/** Of lines such as `Pebble 2026/11/24 08:00:00 …`, in local time. */
function timeOfLine(line: string): string | null {
  const [, date, time] = /^Pebble (\S+) (\S+) /.exec(line) ?? [];
  return date === undefined ? null : new Date(`${date} ${time}`).toISOString();
}

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-ca-log-'));
  file = join(folder, 'pebble.log');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const lines = async (recorder: CaLogRecorder, slice = {}) => (await recorder.slice(slice)).map(({ line }) => line);

describe('CaLogRecorder', () => {
  test('reads complete lines, from the current end of the file', async () => {
    await writeFile(file, 'Pebble 2026/11/24 08:00:00 old\n');
    await using recorder = await CaLogRecorder.start(file, timeOfLine);
    await appendFile(file, 'Pebble 2026/11/24 08:00:01 new\nPebble 2026/11/24 08:00:02 unfi');
    expect(await recorder.slice()).toEqual([
      { at: new Date(2026, 10, 24, 8, 0, 1).toISOString(), line: 'Pebble 2026/11/24 08:00:01 new' },
    ]);
    await appendFile(file, 'nished €\nwithout a time\n');
    expect(await lines(recorder)).toEqual([
      'Pebble 2026/11/24 08:00:01 new',
      'Pebble 2026/11/24 08:00:02 unfinished €',
      'without a time',
    ]);
    expect((await recorder.slice()).at(-1)?.at).toBeNull();
  });

  test('waits for a missing file, and starts again with a truncated one', async () => {
    await using recorder = await CaLogRecorder.start(file, timeOfLine);
    expect(await recorder.slice()).toEqual([]);
    await writeFile(file, 'a longer first line\n');
    expect(await lines(recorder)).toEqual(['a longer first line']);
    await writeFile(file, 'second\n');
    expect(await lines(recorder)).toEqual(['a longer first line', 'second']);
    expect(recorder.problems[0]).toContain('was cut off');
  });

  test('slices by time, allowing for a clock of whole seconds', async () => {
    await using recorder = await CaLogRecorder.start(file, timeOfLine);
    await writeFile(
      file,
      ['08:00:01 one', '08:00:02 two', '08:00:03 three'].map((t) => `Pebble 2026/11/24 ${t}\n`).join(''),
    );
    const at = (second: number, ms = 0) => new Date(2026, 10, 24, 8, 0, second, ms);
    expect(await lines(recorder, { since: at(2, 500), until: at(2, 700) })).toEqual(['Pebble 2026/11/24 08:00:02 two']);
    expect(await lines(recorder, { since: at(2), until: at(3) })).toHaveLength(2);
  });

  test('hides keys and tokens', async () => {
    await using recorder = await CaLogRecorder.start(file, timeOfLine);
    await writeFile(file, 'x\n-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\nBearer CANARY\n');
    expect((await lines(recorder)).join('\n')).not.toContain('CANARY');
  });

  test('fails if the folder is missing', async () => {
    await expect(CaLogRecorder.start(join(folder, 'none', 'pebble.log'), timeOfLine)).rejects.toThrow('ENOENT');
  });
});
