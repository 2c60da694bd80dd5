import { failure } from '../failure.ts';

const order = { apiVersion: 'acme.cert-manager.io/v1', kind: 'Order' } as const;

export default failure({
  id: 'ca-processing',
  link: 'ca',
  title: 'The order stays in the state processing',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  // cert-manager does not ask again for an order that it has seen processing.
  recovery: 'by-a-person',
  cure: {
    words: 'deletes the Order, and cert-manager makes another one',
    async act({ kube, subject }) {
      const { namespace, name } = subject.certificate;
      for (const { metadata } of await kube.list({ ...order, namespace }))
        if (metadata.name.startsWith(`${name}-2-`)) await kube.remove({ ...order, namespace, name: metadata.name });
    },
  },
  how: { ca: { kind: 'processing' } },
});
