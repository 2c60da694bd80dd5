import { expect, test } from 'vitest';
import type { KubeClient } from '../../kube/client.ts';
import { checkIstioApi } from './istio-control-plane.ts';

const v1 = 'networking.istio.io/v1 VirtualService';
const v1beta1 = 'networking.istio.io/v1beta1 VirtualService';
const certManager = 'cert-manager.io/v1 Certificate';

/** What the check reads of a client: its server, and the kinds that the server has. */
function api(server: string, kinds: readonly string[], istio: KubeClient | null = null): KubeClient {
  const find = async ({ apiVersion, kind }: { apiVersion: string; kind?: string }) =>
    kinds.includes(`${apiVersion} ${kind}`)
      ? { apiVersion, kind: kind ?? '', plural: 'any', namespaced: true }
      : undefined;
  return { server, istio, discovery: { find } } as unknown as KubeClient;
}

test("accepts Istio's API in the cluster, in the control plane alone, and in both", async () => {
  await checkIstioApi(api('https://b', [v1, certManager]));
  await checkIstioApi(api('https://b', [certManager], api('https://a', [v1])));
  await checkIstioApi(api('https://b', [v1, certManager], api('https://a', [v1, v1beta1])));
});

test.each([
  [
    'the same API server',
    api('https://a', [v1, certManager], api('https://a', [v1])),
    2,
    /same API server, https:\/\/a\./,
  ],
  ['swapped kubeconfigs', api('https://a', [v1], api('https://b', [certManager])), 2, /^The kubeconfigs are swapped: /],
  [
    'an Istio that is too old',
    api('https://b', [certManager], api('https://a', [v1beta1])),
    3,
    /v1beta1 only.*Upgrade/,
  ],
  ['a control plane without Istio', api('https://b', [certManager], api('https://a', [])), 3, /has no Istio/],
])('refuses %s in one sentence', async (_, kube, exitCode, message) => {
  await expect(checkIstioApi(kube)).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) });
});
