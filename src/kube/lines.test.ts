import { expect, test } from 'vitest';
import { linesOf } from './lines.ts';

async function lines(...chunks: (string | Buffer | Error)[]): Promise<string[]> {
  async function* stream() {
    for (const chunk of chunks) {
      if (chunk instanceof Error) throw chunk;
      yield Buffer.from(chunk);
    }
  }
  const seen: string[] = [];
  try {
    for await (const line of linesOf(stream())) seen.push(line);
  } catch (error) {
    seen.push(String(error));
  }
  return seen;
}

test('splits a stream into lines wherever its chunks end', async () => {
  const euro = Buffer.from('€');
  expect(await lines('a\nb', 'c\r\n', '\nd', euro.subarray(0, 1), euro.subarray(1), '\n')).toEqual([
    'a',
    'bc',
    '',
    'd€',
  ]);
  expect(await lines('a\nlast')).toEqual(['a', 'last']);
  expect(await lines('')).toEqual([]);
});

test('gives the lines before an error, then the error', async () => {
  expect(await lines('a\nb', new Error('broken'))).toEqual(['a', 'Error: broken']);
});
