import { expect, test } from 'vitest';
import type { KubeClient } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import { createAuthority } from '../certificates.ts';
import { checkOneMesh } from './one-mesh.ts';

const { signal } = new AbortController();
const [one, other] = await Promise.all(['one', 'other'].map(async (name) => (await createAuthority(name)).certificate));

/** A client by what it reads: the roots of istiod in a namespace, or an error. */
function api(server: string, roots: string | KubeError | undefined, istio: KubeClient | null = null): KubeClient {
  const get = async () => {
    if (roots instanceof KubeError) throw roots;
    return roots === undefined ? undefined : { data: { 'root-cert.pem': roots } };
  };
  return { server, istio, get } as unknown as KubeClient;
}

const forbidden = new KubeError('no', { status: 403, reason: 'Forbidden' });

test.each([
  ['without a control plane elsewhere', api('https://b', one)],
  ['with the same root', api('https://b', one, api('https://a', one))],
  ['while a root is replaced', api('https://b', one, api('https://a', `${other}\n${one}`))],
  ['where the roots may not be read', api('https://b', forbidden, api('https://a', one))],
  ['where the control plane has none', api('https://b', one, api('https://a', undefined))],
  ['where they are no certificates', api('https://b', one, api('https://a', 'not PEM'))],
])('is content %s', async (_, kube) => {
  await checkOneMesh(kube, 'gateways', signal);
});

test('refuses a gateway of another mesh', async () => {
  await expect(checkOneMesh(api('https://b', one, api('https://a', other)), 'gateways', signal)).rejects.toMatchObject({
    exitCode: 3,
    message:
      'The gateway in the cluster at https://b belongs to another mesh than the control plane at https://a: the ConfigMaps gateways/istio-ca-root-cert and istio-system/istio-ca-root-cert there have no root in common. Give the kubeconfigs of one mesh.',
  });
});

test('does not hide an API server that does not answer', async () => {
  const gone = new KubeError('gone', { status: null, reason: 'Unanswered' });
  await expect(checkOneMesh(api('https://b', gone, api('https://a', one)), 'gateways', signal)).rejects.toBe(gone);
});
