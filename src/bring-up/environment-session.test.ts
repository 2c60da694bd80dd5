import { expect, test } from 'vitest';
import { fakeTerminal } from '../progress/fake-terminal.ts';
import { PlainView } from '../progress/plain-view.ts';
import { RunNarrator } from '../progress/run-narrator.ts';
import { tellBuild, versionsOf } from './environment-session.ts';

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
    'Another build is at work in the same cache; waiting for it.',
    'etcd: etcd, etcdctl in the cache is not as it was built; making it again.',
    'Building etcd (about 60 s when nothing is cached).',
    'Built etcd in 59.6 s.',
    '',
  ]);
});

test('kind takes any version', () => {
  const versions = { istio: '1.30.1', certManager: 'v1.20.2', gatewayApi: 'v1.5.1' };
  expect(versionsOf('kind', versions)).toEqual(versions);
});

test('a cell takes a version of the Gateway API alone', () => {
  expect(versionsOf('cell', { gatewayApi: 'v1.5.1' })).toEqual({ gatewayApi: 'v1.5.1' });
  expect(() => versionsOf('cell', { istio: '1.30.1' })).toThrow(
    '--istio 1.30.1: a cell has the one version that Padlock builds; choose versions with --environment kind.',
  );
  expect(() => versionsOf('cell', { certManager: 'v1.20.2' })).toThrow(/^--cert-manager v1\.20\.2: a cell /);
});

test('an existing cluster takes none', () => {
  expect(() => versionsOf('existing', { gatewayApi: 'v1.5.1' })).toThrow(
    '--gateway-api v1.5.1: an existing cluster has its own; choose versions with --environment kind.',
  );
  expect(versionsOf('existing', {})).toEqual({});
});
