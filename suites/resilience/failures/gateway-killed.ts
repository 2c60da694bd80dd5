import { failure } from '../failure.ts';

export default failure({
  id: 'gateway-killed',
  link: 'mesh',
  title: 'The Pod of the only gateway is killed once',
  changesClusterWide: "kills the ingress gateway's Pods",
  lastsMs: 1_000,
  servedAllAlong: false,
  how: {
    async begin(context) {
      const { kube, parts } = context;
      const { namespace, selector } = parts.environment.gateway;
      const labelSelector = Object.entries(selector)
        .map(([label, value]) => `${label}=${value}`)
        .join(',');
      for (const { metadata } of await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector }))
        await kube.remove({ apiVersion: 'v1', kind: 'Pod', namespace, name: metadata.name }, { gracePeriodSeconds: 0 });
      return async () => {};
    },
  },
});
