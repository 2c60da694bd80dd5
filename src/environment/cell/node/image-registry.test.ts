import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runToEnd } from '../../../run-to-end.ts';
import { imageRegistry } from './image-registry.ts';

const manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' });
const hash = createHash('sha256').update(manifest).digest('hex');
const digest = `sha256:${hash}`;
const server = createServer();
let folder = '';
let url = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-registry-'));
  await mkdir(join(folder, 'blobs'));
  await writeFile(join(folder, 'blobs', hash), manifest);
  await writeFile(join(folder, 'secret'), 'not a blob');
  await writeFile(join(folder, 'index.json'), JSON.stringify({ manifests: [{ digest }] }));
  await runToEnd('tar', ['-C', folder, '-cf', join(folder, 'proxyv2.tar'), 'index.json']);
  const images = [{ name: 'docker.io/istio/proxyv2:1', archive: join(folder, 'proxyv2.tar') }];
  server.on('request', imageRegistry({ images, blobs: join(folder, 'blobs') })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

test('resolves an image of the cell as containerd asks a mirror', async () => {
  const answer = await fetch(`${url}/v2/istio/proxyv2/manifests/1?ns=docker.io`, { method: 'HEAD' });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('docker-content-digest')).toBe(digest);
  expect(answer.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json');
  expect(answer.headers.get('content-length')).toBe(String(manifest.length));
});

test.each([['manifests'], ['blobs']])('gives the bytes of a digest below %s', async (kind) => {
  const answer = await fetch(`${url}/v2/istio/proxyv2/${kind}/${digest}?ns=docker.io`);
  expect(await answer.text()).toBe(manifest);
});

test.each([
  ['another tag', 'istio/proxyv2/manifests/2?ns=docker.io'],
  ['another registry', 'istio/proxyv2/manifests/1?ns=quay.io'],
  ['a name without its registry', 'istio/proxyv2/manifests/1'],
  ['a digest that is not there', `istio/proxyv2/blobs/sha256:${'0'.repeat(64)}?ns=docker.io`],
  ['a path out of the store', 'istio/proxyv2/blobs/..%2fsecret?ns=docker.io'],
])('does not have %s', async (_, path) => {
  const answer = await fetch(`${url}/v2/${path}`);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ errors: [{ message: expect.stringMatching(/^the cell has no /) }] });
});

test('takes no image', async () => {
  expect((await fetch(`${url}/v2/istio/proxyv2/blobs/uploads/x`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${url}/v2/`)).status).toBe(200);
});
