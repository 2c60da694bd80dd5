import { expect, test } from 'vitest';
import { PlainView } from '../progress/plain-view.ts';
import { RunNarrator } from '../progress/run-narrator.ts';
import { fakeTerminal } from '../progress/terminal-fixture.ts';
import { tellBuild } from './built-components.ts';

test('tells what is built, what is waited for and what is made again, and nothing of what is cached', () => {
  const { stream, written } = fakeTerminal();
  const { signal } = new AbortController();
  using narrator = new RunNarrator({ command: 'build', views: [new PlainView(stream)], signal });
  tellBuild(narrator, { event: 'cached', id: 'etcd' });
  tellBuild(narrator, { event: 'waiting' });
  tellBuild(narrator, { event: 'damaged', id: 'etcd', files: ['etcd', 'etcdctl'] });
  tellBuild(narrator, { event: 'started', id: 'etcd', expectedMs: 60_000 });
  tellBuild(narrator, { event: 'finished', id: 'etcd', elapsedMs: 59_600 });
  const words = written().split('\n');
  expect(words.map((line) => line.replace(/^ *\d+\.\d s {2}/, ''))).toEqual([
    'Waiting for another build in the same cache.',
    'etcd: etcd, etcdctl in the cache is damaged; building it again.',
    'Building etcd (about 60 s without a cache).',
    'Built etcd in 59.6 s.',
    '',
  ]);
});
