import { expect, test } from 'vitest';
import { iconUri, padlockMark, resultBadge } from './html-mark.ts';

test('the padlock is closed for passed and open for everything else', () => {
  const shackle = (result: Parameters<typeof padlockMark>[0]) =>
    /class="shackle" d="([^"]*)"/.exec(String(padlockMark(result)))?.[1];
  expect(shackle('passed')).toMatch(/0 0 1 16 0v6$/);
  for (const result of ['failed', 'error', 'partial', 'skipped'] as const) {
    expect(shackle(result)).toBe(shackle('failed'));
    expect(shackle(result)).not.toBe(shackle('passed'));
  }
});

test('a badge has a sign of its own and the word', () => {
  const badges = (['passed', 'failed', 'error', 'partial', 'skipped'] as const).map((result) => {
    const badge = String(resultBadge(result));
    expect(badge).toContain(`</svg>${result}</span>`);
    return /<path d="([^"]*)"/.exec(badge)?.[1];
  });
  expect(new Set(badges).size).toBe(5);
});

test('the icon is part of the page', () => {
  expect(String(iconUri('failed'))).toMatch(/^data:image\/svg\+xml;base64,[A-Za-z0-9+/=]+$/);
});
