import { failure } from '../failure.ts';

const taint = { key: 'padlock.test/disk-is-full', effect: 'NoSchedule' } as const;

export default failure({
  id: 'node-takes-no-pods',
  link: 'cluster',
  title: 'The nodes take no new Pods, as with a full disk (a taint NoSchedule)',
  changesClusterWide: 'taints the nodes for a while',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: {
    async begin({ kube }) {
      const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' });
      const set = async (added: readonly object[]) => {
        for (const { metadata, spec } of nodes) {
          const { taints = [] } = (spec ?? {}) as { taints?: readonly object[] };
          const ref = { apiVersion: 'v1', kind: 'Node', name: metadata.name };
          await kube.patch(ref, { spec: { taints: [...taints, ...added] } });
        }
      };
      await set([taint]);
      return () => set([]);
    },
  },
});
