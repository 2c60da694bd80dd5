import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BuildProgress } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function output(terminal: { isTTY: boolean; columns?: number }) {
  let text = '';
  const out = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    }),
    terminal,
  ) as unknown as NodeJS.WriteStream;
  return {
    out,
    written: () => {
      const now = text;
      text = '';
      return now;
    },
  };
}

test('writes plain lines where there is no terminal', () => {
  const { out, written } = output({ isTTY: false });
  using progress = new BuildProgress(out);
  progress.show({ event: 'cached', id: 'etcd' });
  expect(written()).toBe('');
  progress.show({ event: 'started', id: 'kubernetes', expectedMs: 380_000 });
  expect(written()).toBe('Building kubernetes (about 6 min 20 s when nothing is cached).\n');
  vi.advanceTimersByTime(14_999);
  expect(written()).toBe('');
  vi.advanceTimersByTime(1);
  expect(written()).toBe('15 s: kubernetes 15 s of about 6 min 20 s\n');
  progress.show({ event: 'finished', id: 'kubernetes', elapsedMs: 59_600 });
  expect(written()).toBe('Built kubernetes in 1 min 00 s.\n');
  vi.advanceTimersByTime(60_000);
  expect(written()).toBe('');
});

test('says what is waited for and what is made again', () => {
  const { out, written } = output({ isTTY: false });
  using progress = new BuildProgress(out);
  progress.show({ event: 'waiting' });
  progress.show({ event: 'damaged', id: 'etcd', files: ['etcd', 'etcdctl'] });
  expect(written().split('\n')).toEqual([
    'Another build is at work in the same cache; waiting for it.',
    'etcd: etcd, etcdctl in the cache is not as it was built; making it again.',
    '',
  ]);
});

test('keeps one line live in a terminal, no wider than it, and takes it away at the end', () => {
  const { out, written } = output({ isTTY: true, columns: 20 });
  const progress = new BuildProgress(out);
  progress.show({ event: 'started', id: 'kubernetes', expectedMs: 380_000 });
  written();
  vi.advanceTimersByTime(1000);
  expect(written()).toBe('\r\u001b[2K1 s: kubernetes 1 s');
  progress[Symbol.dispose]();
  expect(written()).toBe('\r\u001b[2K');
  vi.advanceTimersByTime(60_000);
  expect(written()).toBe('');
});
