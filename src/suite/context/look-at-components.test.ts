import { expect, test } from 'vitest';
import { ObjectHistories } from '../../evidence/recorders/object-histories.ts';
import type { ResourceSelection } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { lookAtComponents } from './look-at-components.ts';

function deployment(name: string, label: string, image: string): KubeObject {
  const [key = '', value = ''] = label.split('=');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'a', name, uid: `${name}-uid`, labels: { [key]: value } },
    spec: { replicas: 0, template: { spec: { containers: [{ image }] } } },
  };
}

test('it keeps the Deployments of the control plane and of the gateway, and goes on where it may not read some', async () => {
  const seen = new ObjectHistories();
  const all = [
    deployment('istiod', 'app=istiod', 'docker.io/istio/pilot:1.31'),
    deployment('another', 'app=istiod', 'docker.io/library/nginx:1'),
    deployment('coredns', 'k8s-app=kube-dns', 'registry.k8s.io/coredns/coredns:v1.13'),
  ];
  await lookAtComponents({
    kube: {
      async list({ labelSelector = '' }: ResourceSelection) {
        if (labelSelector.startsWith('app.kubernetes.io/component')) throw new Error('forbidden');
        const [key = '', value] = labelSelector.split('=');
        return all.filter(({ metadata }) => metadata.labels?.[key] === value);
      },
      get: async ({ name }) => deployment(name, 'istio=ingressgateway', 'docker.io/istio/proxyv2:1.31'),
    },
    parts: { signal: new AbortController().signal },
    seen,
    subject: { gateway: { namespace: 'a', name: 'gateway' } },
  });
  expect(
    seen
      .slice()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['coredns', 'gateway', 'istiod']);
});
