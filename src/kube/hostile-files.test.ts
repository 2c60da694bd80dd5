import fc from 'fast-check';
import { test } from 'vitest';
import { anyText, damaged, readOrRefused, readOrRefusedLater } from '../hostile-input-fixture.ts';
import { KubeClient } from './client.ts';
import { parseManifest } from './manifests.ts';

const kubeconfig = {
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'c',
  clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:6443', 'insecure-skip-tls-verify': true } }],
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'n' } }],
  users: [{ name: 'u', user: { token: 'secret' } }],
};

async function opened(text: string): Promise<void> {
  await using _kube = await KubeClient.open({ text });
}

test('a kubeconfig is read or refused in a sentence, whatever its text', async () => {
  await fc.assert(fc.asyncProperty(anyText, (text) => readOrRefusedLater(() => opened(text))));
});

test('a kubeconfig in which one value is damaged is read or refused in a sentence', async () => {
  await fc.assert(
    fc.asyncProperty(damaged(kubeconfig), (document) =>
      readOrRefusedLater(() => opened(JSON.stringify(document) ?? '')),
    ),
    { numRuns: 200 },
  );
});

test.each(['manifest.yaml', 'manifest.json'])('%s is read or refused in a sentence, whatever its text', (file) => {
  fc.assert(fc.property(anyText, (text) => readOrRefused(() => parseManifest(text, file, { host: 'a.example' }))));
});
